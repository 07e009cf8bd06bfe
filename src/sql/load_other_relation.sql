-- What the relation $1 is, which is not among the tables that can be loaded.
SELECT pg_catalog.format('%I.%I', n.nspname, c.relname) AS qname,
       CASE
         WHEN c.relkind = 'v' THEN 'a view'
         WHEN c.relkind = 'm' THEN 'a materialized view'
         WHEN c.relkind = 'f' THEN 'a foreign table'
         WHEN c.relkind = 'S' THEN 'a sequence'
         WHEN c.relkind = 'c' THEN 'a composite type'
         WHEN c.relkind IN ('i', 'I') THEN 'an index'
         WHEN c.relpersistence = 't' THEN 'a temporary table'
         WHEN c.relispartition THEN 'a partition'
         WHEN n.nspname ~ '^pg_' OR n.nspname = 'information_schema'
           THEN 'a table of the system'
         ELSE 'not a table of the database''s own'
       END AS kind,
       CASE
         WHEN c.relispartition
           THEN (SELECT pg_catalog.format('%I.%I', rn.nspname, r.relname)
                   FROM pg_catalog.pg_class AS r
                        JOIN pg_catalog.pg_namespace AS rn ON rn.oid = r.relnamespace
                  WHERE r.oid = pg_catalog.pg_partition_root(c.oid))
       END AS root
  FROM pg_catalog.pg_class AS c
       JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
 WHERE c.oid = $1::pg_catalog.oid
