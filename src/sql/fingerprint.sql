-- One value that changes when a table that could be sampled is created, dropped, renamed,
-- rewritten or altered in a way that sampling would notice. Temporary tables, which come
-- and go, are not among them.
WITH relation AS MATERIALIZED (
       SELECT c.oid,
              pg_catalog.concat_ws(' ', c.oid, c.relname, n.nspname, c.relkind,
                                   c.relfilenode, c.relpersistence, c.relispartition)
                AS text
         FROM pg_catalog.pg_class AS c
              JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p', 'f')
          AND c.relpersistence <> 't'
          AND n.nspname !~ '^pg_'
          AND n.nspname <> 'information_schema'
          AND NOT EXISTS (
                SELECT -- what pg-sample itself made, or pg-sample-load
                  FROM pg_catalog.pg_description AS mark
                 WHERE mark.objoid = n.oid
                   AND mark.classoid = 'pg_catalog.pg_namespace'::pg_catalog.regclass
                   AND (mark.description LIKE 'pg-sample staging schema%'
                        OR mark.description LIKE 'pg-sample-load schema%'))
     ),
     detail AS (
       SELECT r.text
         FROM relation AS r
        UNION ALL
       SELECT pg_catalog.concat_ws(' ', a.attrelid, a.attnum, a.attname, a.atttypid,
                                   a.attnotnull, a.attisdropped, a.attgenerated,
                                   a.attidentity, a.attcollation)
         FROM pg_catalog.pg_attribute AS a
              JOIN relation AS r ON r.oid = a.attrelid
        WHERE a.attnum > 0
        UNION ALL
       SELECT pg_catalog.concat_ws(' ', k.oid, k.conrelid, k.confrelid, k.conkey,
                                   k.confkey, k.convalidated, k.condeferrable,
                                   k.confmatchtype, k.conpfeqop)
         FROM pg_catalog.pg_constraint AS k
              JOIN relation AS r ON r.oid = k.conrelid
        WHERE k.contype IN ('f', 'p', 'u')
        UNION ALL
       SELECT pg_catalog.concat_ws(' ', x.indexrelid, x.indrelid, x.indkey, x.indisvalid)
         FROM pg_catalog.pg_index AS x
              JOIN relation AS r ON r.oid = x.indrelid
        WHERE x.indisunique
        UNION ALL
       SELECT pg_catalog.concat_ws(' ', i.inhrelid, i.inhparent)
         FROM pg_catalog.pg_inherits AS i
              JOIN relation AS r ON r.oid = i.inhrelid
     )
SELECT pg_catalog.concat(pg_catalog.count(*), ' ',
                         pg_catalog.sum(pg_catalog.hashtextextended(d.text, 0)))
  FROM detail AS d
