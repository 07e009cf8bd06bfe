-- Materialized views, each with the other materialized views that it reads, directly or
-- through plain views and SQL functions; one row without one where there is none.
WITH RECURSIVE
     class (relation, function, rule) AS (
       SELECT 'pg_catalog.pg_class'::pg_catalog.regclass::pg_catalog.oid,
              'pg_catalog.pg_proc'::pg_catalog.regclass::pg_catalog.oid,
              'pg_catalog.pg_rewrite'::pg_catalog.regclass::pg_catalog.oid
     ),
     edge (class, object, used_class, used) AS (
       SELECT DISTINCT c.relation, r.ev_class, d.refclassid, d.refobjid
         FROM class AS c
              JOIN pg_catalog.pg_depend AS d
                ON d.classid = c.rule AND d.refclassid IN (c.relation, c.function)
              JOIN pg_catalog.pg_rewrite AS r ON r.oid = d.objid
        WHERE d.refobjid <> r.ev_class
        UNION ALL
       SELECT DISTINCT d.classid, d.objid, d.refclassid, d.refobjid
         FROM class AS c
              JOIN pg_catalog.pg_depend AS d
                ON d.classid = c.function AND d.refclassid IN (c.relation, c.function)
     ),
     reached (view, class, object) AS (
       SELECT m.oid, e.used_class, e.used
         FROM pg_catalog.pg_class AS m
              CROSS JOIN class AS c
              JOIN edge AS e ON e.class = c.relation AND e.object = m.oid
        WHERE m.relkind = 'm'
        UNION
       SELECT p.view, e.used_class, e.used
         FROM reached AS p
              CROSS JOIN class AS c
              LEFT JOIN pg_catalog.pg_class AS r
                ON p.class = c.relation AND r.oid = p.object
              JOIN edge AS e ON e.class = p.class AND e.object = p.object
        WHERE p.class = c.function OR r.relkind = 'v'
     )
SELECT v.oid,
       pg_catalog.format('%I.%I', n.nspname, v.relname) AS qname,
       n.nspname AS schema,
       v.relname AS name,
       v.relispopulated AS is_populated,
       COALESCE(u.oid, 0) AS used
  FROM pg_catalog.pg_class AS v
       CROSS JOIN class AS c
       JOIN pg_catalog.pg_namespace AS n ON n.oid = v.relnamespace
       LEFT JOIN (reached AS p
                  JOIN pg_catalog.pg_class AS u ON u.oid = p.object AND u.relkind = 'm')
         ON p.view = v.oid AND p.class = c.relation AND u.oid <> v.oid
 WHERE v.relkind = 'm'
   AND n.nspname !~ '^pg_'
   AND n.nspname <> 'information_schema'
 ORDER BY n.nspname COLLATE "C", v.relname COLLATE "C", used
