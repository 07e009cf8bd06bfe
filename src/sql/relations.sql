-- Ordinary tables and roots of partitioned tables, in the order of the dump.
SELECT c.oid,
       n.nspname AS schema,
       c.relname AS name,
       pg_catalog.format('%I.%I', n.nspname, c.relname) AS qname,
       c.relkind = 'p' AS is_partitioned,
       c.relpersistence = 'u' AS is_unlogged,
       (pg_catalog.has_schema_privilege(n.oid, 'USAGE')
        AND pg_catalog.has_table_privilege(c.oid, 'SELECT')) AS is_readable,
       COALESCE(pg_catalog.obj_description(n.oid, 'pg_namespace') LIKE 'pg-sample-load schema%',
                false) AS is_of_loader,
       COALESCE(e.oid, 0) AS extension,
       COALESCE(c.oid = ANY (e.extconfig), false) AS is_configuration,
       e.extcondition[pg_catalog.array_position(e.extconfig, c.oid)] AS configuration_condition,
       (SELECT pg_catalog.count(*) FROM pg_catalog.pg_index AS i WHERE i.indrelid = c.oid)
         AS n_indexes,
       c.reltuples AS n_tuples,
       c.relpages AS n_pages,
       c.relfilenode AS filenode,
       (SELECT pg_catalog.string_agg(i.inhparent::pg_catalog.text, ' ' ORDER BY i.inhseqno)
          FROM pg_catalog.pg_inherits AS i WHERE i.inhrelid = c.oid) AS parents
  FROM pg_catalog.pg_class AS c
       JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
       LEFT JOIN pg_catalog.pg_depend AS d
         ON d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
            AND d.objid = c.oid AND d.objsubid = 0 AND d.deptype = 'e'
       LEFT JOIN pg_catalog.pg_extension AS e ON e.oid = d.refobjid
 WHERE c.relkind IN ('r', 'p')
   AND NOT c.relispartition
   AND c.relpersistence <> 't'
   AND n.nspname !~ '^pg_'
   AND n.nspname <> 'information_schema'
   AND NOT EXISTS (
         SELECT -- what pg-sample itself made
           FROM pg_catalog.pg_description AS mark
          WHERE mark.objoid = n.oid
            AND mark.classoid = 'pg_catalog.pg_namespace'::pg_catalog.regclass
            AND mark.description LIKE 'pg-sample staging schema%')
 ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C"
