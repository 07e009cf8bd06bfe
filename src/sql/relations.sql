-- Ordinary tables and roots of partitioned tables, in the order of the dump. Whether the
-- role may read them is NULL for those dropped since the snapshot: locking them tells.
WITH schema AS MATERIALIZED ( -- less those that pg-sample itself made
       SELECT n.oid,
              n.nspname,
              pg_catalog.has_schema_privilege(n.oid, 'USAGE') AS is_usable,
              COALESCE(mark.description LIKE 'pg-sample-load schema%', false) AS is_of_loader
         FROM pg_catalog.pg_namespace AS n
              LEFT JOIN pg_catalog.pg_description AS mark
                ON mark.objoid = n.oid AND mark.objsubid = 0
                   AND mark.classoid = 'pg_catalog.pg_namespace'::pg_catalog.regclass
        WHERE n.nspname !~ '^pg_'
          AND n.nspname <> 'information_schema'
          AND COALESCE(mark.description NOT LIKE 'pg-sample staging schema%', true)
     ),
     member AS MATERIALIZED ( -- of an extension
       SELECT d.objid, d.refobjid
         FROM pg_catalog.pg_depend AS d
        WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
          AND d.objsubid = 0
          AND d.deptype = 'e'
     )
SELECT c.oid,
       n.nspname AS schema,
       c.relname AS name,
       pg_catalog.format('%I.%I', n.nspname, c.relname) AS qname,
       c.relkind = 'p' AS is_partitioned,
       c.relpersistence = 'u' AS is_unlogged,
       COALESCE(n.is_usable AND pg_catalog.has_table_privilege(c.oid, 'SELECT'), true)
         AS is_readable,
       n.is_of_loader,
       COALESCE(e.oid, 0) AS extension,
       COALESCE(c.oid = ANY (e.extconfig), false) AS is_configuration,
       e.extcondition[pg_catalog.array_position(e.extconfig, c.oid)] AS configuration_condition,
       COALESCE(i.n_indexes, 0) AS n_indexes,
       c.reltuples AS n_tuples,
       c.relpages AS n_pages,
       c.relfilenode AS filenode,
       p.parents
  FROM pg_catalog.pg_class AS c
       JOIN schema AS n ON n.oid = c.relnamespace
       LEFT JOIN (SELECT x.indrelid, pg_catalog.count(*) AS n_indexes
                    FROM pg_catalog.pg_index AS x
                   GROUP BY x.indrelid) AS i ON i.indrelid = c.oid
       LEFT JOIN (SELECT h.inhrelid,
                         pg_catalog.string_agg(h.inhparent::pg_catalog.text, ' '
                                               ORDER BY h.inhseqno) AS parents
                    FROM pg_catalog.pg_inherits AS h
                   GROUP BY h.inhrelid) AS p ON p.inhrelid = c.oid
       LEFT JOIN member AS d ON d.objid = c.oid
       LEFT JOIN pg_catalog.pg_extension AS e ON e.oid = d.refobjid
 WHERE c.relkind IN ('r', 'p')
   AND NOT c.relispartition
   AND c.relpersistence <> 't'
 ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C"
