-- What locking before the catalogs are read has to know (sample/session_early.c): tables and
-- roots of partitioned tables, which are to be locked, and partitions and sequences, for
-- their lock slots, and so that two answers differ when there are others. In the order in
-- which tables are locked.
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
       SELECT d.objid
         FROM pg_catalog.pg_depend AS d
        WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
          AND d.objsubid = 0
          AND d.deptype = 'e'
     )
SELECT c.oid,
       pg_catalog.format('%I.%I', n.nspname, c.relname) AS qname,
       c.relkind IN ('r', 'p') AND NOT c.relispartition AND d.objid IS NULL AS is_to_lock,
       c.relkind = 'p' AS is_partitioned,
       (d.objid IS NOT NULL OR c.relkind = 'S'
        OR (n.is_usable AND NOT n.is_of_loader
            AND pg_catalog.has_table_privilege(c.oid, 'SELECT'))) AS is_plain,
       (SELECT pg_catalog.count(*)
          FROM pg_catalog.pg_class AS x
         WHERE x.relkind IN ('i', 'I')
           AND x.relnamespace NOT IN ('pg_catalog'::pg_catalog.regnamespace,
                                      'pg_toast'::pg_catalog.regnamespace)) AS n_indexes
  FROM pg_catalog.pg_class AS c
       JOIN schema AS n ON n.oid = c.relnamespace
       LEFT JOIN member AS d ON d.objid = c.oid
 WHERE (c.relkind IN ('r', 'p', 'S') OR (c.relkind = 'f' AND c.relispartition))
   AND c.relpersistence <> 't'
 ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C"
