-- What the partitions of table $1 (oid) take, as one condition over its columns; NULL where
-- they take every row, or are so many that the condition would be of no use.
SELECT CASE
         WHEN pg_catalog.count(*) OPERATOR(pg_catalog.>) 2000 OR pg_catalog.bool_or(leaf.takes_rest)
         THEN NULL
         ELSE COALESCE(pg_catalog.string_agg(
                         COALESCE(pg_catalog.pg_get_partition_constraintdef(leaf.relid), 'true'),
                         E'\n OR ' ORDER BY leaf.relid),
                       'false')
       END AS condition
  FROM (SELECT p.relid,
               p.level OPERATOR(pg_catalog.=) 1
               AND pg_catalog.pg_get_expr(c.relpartbound, c.oid)
                   OPERATOR(pg_catalog.=) 'DEFAULT' AS takes_rest
          FROM pg_catalog.pg_partition_tree($1::pg_catalog.oid) AS p
               JOIN pg_catalog.pg_class AS c
                 ON c.oid OPERATOR(pg_catalog.=) p.relid::pg_catalog.oid
         WHERE p.isleaf
         LIMIT 2001) AS leaf
