-- Materialized views, each with the other materialized views that it reads, directly or
-- through plain views; one row without one where there is none.
WITH RECURSIVE reads (view, used) AS (
       SELECT DISTINCT r.ev_class, d.refobjid
         FROM pg_catalog.pg_rewrite AS r
              JOIN pg_catalog.pg_depend AS d
                ON d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass
                   AND d.objid = r.oid
                   AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
                   AND d.refobjid <> r.ev_class
     ),
     reaches (view, used) AS (
       SELECT r.view, r.used
         FROM reads AS r
              JOIN pg_catalog.pg_class AS c ON c.oid = r.view AND c.relkind = 'm'
       UNION
       SELECT p.view, r.used
         FROM reaches AS p
              JOIN pg_catalog.pg_class AS c ON c.oid = p.used AND c.relkind = 'v'
              JOIN reads AS r ON r.view = p.used
     )
SELECT c.oid,
       pg_catalog.format('%I.%I', n.nspname, c.relname) AS qname,
       c.relispopulated AS is_populated,
       COALESCE(u.oid, 0) AS used
  FROM pg_catalog.pg_class AS c
       JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
       LEFT JOIN (reaches AS p
                  JOIN pg_catalog.pg_class AS u ON u.oid = p.used AND u.relkind = 'm')
         ON p.view = c.oid
 WHERE c.relkind = 'm'
   AND n.nspname !~ '^pg_'
   AND n.nspname <> 'information_schema'
 ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C", used
