-- Partitions at every level, with what a leaf needs.
SELECT c.oid,
       i.inhparent AS parent,
       n.nspname AS schema,
       c.relname AS name,
       pg_catalog.format('%I.%I', n.nspname, c.relname) AS qname,
       c.relkind,
       c.reltuples AS n_tuples,
       c.relpages AS n_pages,
       c.relfilenode AS filenode,
       (SELECT pg_catalog.count(*) FROM pg_catalog.pg_index AS x WHERE x.indrelid = c.oid)
         AS n_indexes,
       COALESCE(pg_catalog.has_schema_privilege(n.oid, 'USAGE')
                AND pg_catalog.has_table_privilege(c.oid, 'SELECT'), true) AS is_readable,
       c.relrowsecurity
         OR (SELECT r.relrowsecurity
               FROM pg_catalog.pg_class AS r
              WHERE r.oid = pg_catalog.pg_partition_root(c.oid)) AS has_row_security
  FROM pg_catalog.pg_class AS c
       JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
       JOIN pg_catalog.pg_inherits AS i ON i.inhrelid = c.oid
 WHERE c.relispartition
   AND c.relkind IN ('r', 'p', 'f')
   AND c.relpersistence <> 't'
 ORDER BY c.oid
