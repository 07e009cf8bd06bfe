-- What the relation $1 is, which is not among the tables that can be loaded.
SELECT pg_catalog.format('%I.%I', n.nspname, c.relname) AS qname,
       CASE
         WHEN c.relkind OPERATOR(pg_catalog.=) 'v' THEN 'a view'
         WHEN c.relkind OPERATOR(pg_catalog.=) 'm' THEN 'a materialized view'
         WHEN c.relkind OPERATOR(pg_catalog.=) 'f' THEN 'a foreign table'
         WHEN c.relkind OPERATOR(pg_catalog.=) 'S' THEN 'a sequence'
         WHEN c.relkind OPERATOR(pg_catalog.=) 'c' THEN 'a composite type'
         WHEN c.relkind OPERATOR(pg_catalog.=) ANY ('{i,I}') THEN 'an index'
         WHEN c.relpersistence OPERATOR(pg_catalog.=) 't' THEN 'a temporary table'
         WHEN c.relispartition THEN 'a partition'
         WHEN n.nspname OPERATOR(pg_catalog.~) '^pg_' OR n.nspname OPERATOR(pg_catalog.=) 'information_schema'
           THEN 'a table of the system'
         ELSE 'not a table of the database''s own'
       END AS kind,
       CASE
         WHEN c.relispartition
           THEN (SELECT pg_catalog.format('%I.%I', rn.nspname, r.relname)
                   FROM pg_catalog.pg_class AS r
                        JOIN pg_catalog.pg_namespace AS rn ON rn.oid OPERATOR(pg_catalog.=) r.relnamespace
                  WHERE r.oid OPERATOR(pg_catalog.=) pg_catalog.pg_partition_root(c.oid))
       END AS root
  FROM pg_catalog.pg_class AS c
       JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
 WHERE c.oid OPERATOR(pg_catalog.=) $1::pg_catalog.oid
