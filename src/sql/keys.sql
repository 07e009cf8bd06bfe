-- The key of each relation that orders and identifies its rows: the primary key, else a
-- unique index over columns without NULLs, which those may have whose NOT NULL is NOT
-- VALID. One row for each of its columns, in the index's order.
WITH candidate AS (
       SELECT DISTINCT ON (i.indrelid)
              i.indrelid, i.indkey::pg_catalog.int2[] AS attnums, i.indnkeyatts,
              i.indisprimary
         FROM pg_catalog.pg_index AS i
              JOIN pg_catalog.pg_class AS x ON x.oid = i.indexrelid
        WHERE i.indisunique
          AND i.indisvalid
          AND i.indpred IS NULL
          AND i.indexprs IS NULL
          AND NOT EXISTS (
                SELECT
                  FROM pg_catalog.pg_attribute AS a
                 WHERE a.attrelid = i.indrelid
                   AND a.attnum = ANY (i.indkey)
                   AND (NOT a.attnotnull
                        OR EXISTS (
                             SELECT
                               FROM pg_catalog.pg_constraint AS con
                              WHERE con.conrelid = a.attrelid
                                AND con.contype = 'n'
                                AND NOT con.convalidated
                                AND a.attnum = ANY (con.conkey))))
        ORDER BY i.indrelid, i.indisprimary DESC, i.indnkeyatts, x.relname COLLATE "C"
     )
SELECT c.indrelid, k.attnum
  FROM candidate AS c
       CROSS JOIN LATERAL pg_catalog.unnest(c.attnums) WITH ORDINALITY AS k (attnum, position)
 WHERE k.position <= c.indnkeyatts
 ORDER BY c.indrelid, k.position
