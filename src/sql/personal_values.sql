-- Values of texts and documents that statistics have: some for each column that the role
-- may read. Those of a partitioned table stand for its partitions. Only asked for --plan
-- and --suggest-masks.
SELECT c.oid, s.attname, v.value
  FROM pg_catalog.pg_stats AS s
       JOIN pg_catalog.pg_namespace AS n ON n.nspname = s.schemaname
       JOIN pg_catalog.pg_class AS c
         ON c.relnamespace = n.oid AND c.relname = s.tablename
       JOIN pg_catalog.pg_attribute AS a
         ON a.attrelid = c.oid AND a.attname = s.attname
       JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
       CROSS JOIN LATERAL (
         SELECT pg_catalog."left"(v.value, 400) AS value
           FROM pg_catalog.unnest(
                  s.most_common_vals::pg_catalog.text::pg_catalog.text[]
                  || s.histogram_bounds::pg_catalog.text::pg_catalog.text[]) AS v (value)
          LIMIT 200) AS v
 WHERE c.relkind IN ('r', 'p')
   AND NOT c.relispartition
   AND s.inherited = (c.relkind = 'p')
   AND (t.typcategory = 'S' OR (t.typtype = 'd' AND t.typcategory = 'S'))
   AND n.nspname !~ '^pg_'
   AND n.nspname <> 'information_schema'
 ORDER BY c.oid, s.attname
