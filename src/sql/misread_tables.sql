-- Partitioned tables whose rows this release of the server can miss, and their partitions
-- that are partitioned themselves. Pruning of range partitions is at fault:
-- - until August 2026 a DEFAULT partition is passed over for values beyond all bounds where
--   a condition has IS NOT NULL and OR or IN for the key, or the bounds of the levels above
--   imply it, whatever the condition;
-- - until November 2026 conditions on the first of several key columns are misjudged, those
--   of the levels above as well, except equality.
-- There is no 18.5. Releases 12 and 13 stay as they are. A DEFAULT partition does no harm
-- while it is empty.
WITH RECURSIVE release AS (
       SELECT s.version < COALESCE(f.august, 140000) AS misses_default,
              s.version < COALESCE(f.november, 140000) AS misreads_prefix
         FROM (SELECT pg_catalog.current_setting('server_version_num')::int) AS s (version)
              LEFT JOIN (VALUES
                           (14, 140024, 140025),
                           (15, 150019, 150020),
                           (16, 160015, 160016),
                           (17, 170011, 170012),
                           (18, 180006, 180007)) AS f (major, august, november)
                ON f.major = s.version / 10000
     ),
     tree AS ( -- partitioned tables with all their partitions
       SELECT c.oid AS root, c.oid, c.relkind, false AS is_below, false AS is_in_default
         FROM pg_catalog.pg_class AS c
        WHERE c.relkind = 'p' AND NOT c.relispartition
       UNION ALL
       SELECT t.root,
              c.oid,
              c.relkind,
              true,
              t.is_in_default OR (p.partstrat = 'r' AND p.partdefid = c.oid)
         FROM tree AS t
              JOIN pg_catalog.pg_partitioned_table AS p ON p.partrelid = t.oid
              JOIN pg_catalog.pg_inherits AS i ON i.inhparent = t.oid
              JOIN pg_catalog.pg_class AS c ON c.oid = i.inhrelid
     ),
     misread AS (
       SELECT t.root,
              pg_catalog.bool_or(t.is_below AND p.partdefid <> 0) AS is_by_bounds,
              pg_catalog.bool_or(p.partnatts > 1) AS is_by_prefix
         FROM release AS r
              CROSS JOIN tree AS t
              JOIN pg_catalog.pg_partitioned_table AS p ON p.partrelid = t.oid
        WHERE p.partstrat = 'r'
          AND ((r.misses_default AND p.partdefid <> 0)
               OR (r.misreads_prefix AND p.partnatts > 1))
        GROUP BY t.root
     )
SELECT m.root,
       pg_catalog.format('%I.%I', n.nspname, c.relname) AS qname,
       m.is_by_bounds,
       m.is_by_prefix
         OR EXISTS (SELECT
                      FROM tree AS d
                     WHERE d.root = m.root
                       AND d.is_in_default
                       AND (d.relkind = 'f' OR pg_catalog.pg_relation_size(d.oid) > 0))
         AS has_rows_at_stake
  FROM misread AS m
       JOIN tree AS t ON t.root = m.root AND t.relkind = 'p'
       JOIN pg_catalog.pg_class AS c ON c.oid = t.oid
       JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
 ORDER BY m.root, t.oid
