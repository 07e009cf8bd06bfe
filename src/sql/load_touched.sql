-- How many rows of the table $1 and its partitions the transaction has inserted, updated
-- and deleted, as the server counts them for its statistics; 0 if it does not.
SELECT COALESCE(pg_catalog.sum(
                  pg_catalog.pg_stat_get_xact_tuples_inserted(p.oid)
                  OPERATOR(pg_catalog.+) pg_catalog.pg_stat_get_xact_tuples_updated(p.oid)
                  OPERATOR(pg_catalog.+) pg_catalog.pg_stat_get_xact_tuples_deleted(p.oid)),
                0)
  FROM (SELECT $1::pg_catalog.oid AS oid
         UNION
        SELECT t.relid::pg_catalog.oid
          FROM pg_catalog.pg_partition_tree($1::pg_catalog.oid::pg_catalog.regclass) AS t)
       AS p
