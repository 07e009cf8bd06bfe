-- Generated columns, with a row for each column that they are computed from. Before version
-- 15 the column itself depends on it, since then its expression does. Those of partitions
-- are left out where their expression is the root's. Only asked when columns are masked.
WITH generated AS (
       SELECT g.attrelid AS relation,
              g.attname,
              pg_catalog.pg_get_expr(e.adbin, e.adrelid) AS expression,
              a.attname AS source
         FROM pg_catalog.pg_attribute AS g
              JOIN pg_catalog.pg_attrdef AS e
                ON e.adrelid = g.attrelid AND e.adnum = g.attnum
              JOIN pg_catalog.pg_depend AS d
                ON (d.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass
                    AND d.objid = e.oid)
                   OR (d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
                       AND d.objid = g.attrelid AND d.objsubid = g.attnum)
              JOIN pg_catalog.pg_attribute AS a
                ON a.attrelid = g.attrelid AND a.attnum = d.refobjsubid
        WHERE g.attgenerated <> ''
          AND NOT g.attisdropped
          AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
          AND d.refobjid = g.attrelid
          AND d.refobjsubid NOT IN (0, g.attnum)
     )
SELECT DISTINCT g.relation, g.attname, g.expression, g.source
  FROM generated AS g
       JOIN pg_catalog.pg_class AS c ON c.oid = g.relation
       JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
 WHERE c.relkind IN ('r', 'p')
   AND NOT EXISTS (
         SELECT
           FROM generated AS r
          WHERE c.relispartition
            AND r.relation = pg_catalog.pg_partition_root(c.oid)::pg_catalog.oid
            AND r.attname = g.attname
            AND r.expression = g.expression)
   AND n.nspname !~ '^pg_'
   AND n.nspname <> 'information_schema'
 ORDER BY g.relation, g.attname, g.expression, g.source
