-- One value that changes when a table that could be sampled is created, dropped, renamed,
-- rewritten or altered in a way that sampling would notice.
SELECT pg_catalog.concat_ws('/',
         (SELECT pg_catalog.concat(pg_catalog.count(*), ' ', pg_catalog.sum(
                   pg_catalog.hashtextextended(pg_catalog.concat_ws(' ', c.oid, c.relname,
                     c.relnamespace, c.relkind, c.relfilenode, c.relpersistence,
                     c.relispartition), 0)))
            FROM pg_catalog.pg_class AS c
           WHERE c.relkind IN ('r', 'p', 'f') AND c.oid >= 16384),
         (SELECT pg_catalog.concat(pg_catalog.count(*), ' ', pg_catalog.sum(
                   pg_catalog.hashtextextended(pg_catalog.concat_ws(' ', a.attrelid,
                     a.attnum, a.attname, a.atttypid, a.attnotnull, a.attisdropped), 0)))
            FROM pg_catalog.pg_attribute AS a
           WHERE a.attrelid >= 16384 AND a.attnum > 0),
         (SELECT pg_catalog.concat(pg_catalog.count(*), ' ', pg_catalog.sum(
                   pg_catalog.hashtextextended(pg_catalog.concat_ws(' ', k.oid, k.conrelid,
                     k.confrelid, k.conkey, k.confkey, k.convalidated), 0)))
            FROM pg_catalog.pg_constraint AS k
           WHERE k.contype IN ('f', 'p', 'u') AND k.oid >= 16384),
         (SELECT pg_catalog.concat(pg_catalog.count(*), ' ', pg_catalog.sum(
                   pg_catalog.hashtextextended(pg_catalog.concat_ws(' ', i.inhrelid,
                     i.inhparent), 0)))
            FROM pg_catalog.pg_inherits AS i),
         (SELECT pg_catalog.concat(pg_catalog.count(*), ' ', pg_catalog.sum(
                   pg_catalog.hashtextextended(s.nspname::pg_catalog.text, s.oid::pg_catalog.int8)))
            FROM pg_catalog.pg_namespace AS s))
