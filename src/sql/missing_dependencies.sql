-- Which objects cannot be made without which others, by the number of the latter. What is
-- no object of its own in a dump is stood for by the one that it is a part of: rules of
-- views, defaults, CHECK constraints, types of rows, arrays.
WITH part AS (
       SELECT 'pg_catalog.pg_rewrite'::pg_catalog.regclass AS classid, r.oid AS objid,
              'pg_catalog.pg_class'::pg_catalog.regclass AS class, r.ev_class AS object
         FROM pg_catalog.pg_rewrite AS r
        WHERE r.rulename = '_RETURN'
        UNION ALL
       SELECT 'pg_catalog.pg_attrdef'::pg_catalog.regclass, a.oid,
              'pg_catalog.pg_class'::pg_catalog.regclass, a.adrelid
         FROM pg_catalog.pg_attrdef AS a
        UNION ALL
       SELECT 'pg_catalog.pg_constraint'::pg_catalog.regclass, c.oid,
              CASE WHEN c.conrelid <> 0 THEN 'pg_catalog.pg_class'::pg_catalog.regclass
                   ELSE 'pg_catalog.pg_type'::pg_catalog.regclass END,
              CASE WHEN c.conrelid <> 0 THEN c.conrelid ELSE c.contypid END
         FROM pg_catalog.pg_constraint AS c
        WHERE c.contype = 'c'
        UNION ALL
       SELECT 'pg_catalog.pg_type'::pg_catalog.regclass, t.oid,
              'pg_catalog.pg_class'::pg_catalog.regclass, t.typrelid
         FROM pg_catalog.pg_type AS t
              JOIN pg_catalog.pg_class AS c ON c.oid = t.typrelid AND c.relkind <> 'c'
        UNION ALL
       SELECT 'pg_catalog.pg_type'::pg_catalog.regclass, t.oid,
              CASE WHEN c.oid IS NOT NULL THEN 'pg_catalog.pg_class'::pg_catalog.regclass
                   ELSE 'pg_catalog.pg_type'::pg_catalog.regclass END,
              COALESCE(c.oid, e.oid)
         FROM pg_catalog.pg_type AS t
              JOIN pg_catalog.pg_type AS e ON e.oid = t.typelem AND e.typarray = t.oid
              LEFT JOIN pg_catalog.pg_class AS c ON c.oid = e.typrelid AND c.relkind <> 'c'
        UNION ALL
       SELECT 'pg_catalog.pg_class'::pg_catalog.regclass, c.oid,
              'pg_catalog.pg_type'::pg_catalog.regclass, c.reltype
         FROM pg_catalog.pg_class AS c
        WHERE c.relkind = 'c'
     ),
     pair AS (
       SELECT DISTINCT COALESCE(needed.class, d.refclassid)::pg_catalog.oid AS needed_class,
              COALESCE(needed.object, d.refobjid) AS needed,
              COALESCE(own.class, d.classid)::pg_catalog.oid AS class,
              COALESCE(own.object, d.objid) AS object
         FROM pg_catalog.pg_depend AS d
              LEFT JOIN part AS own ON own.classid = d.classid AND own.objid = d.objid
              LEFT JOIN part AS needed
                ON needed.classid = d.refclassid AND needed.objid = d.refobjid
        WHERE d.deptype = 'n'
          AND d.objid >= 16384
          AND d.refobjid >= 16384
     )
SELECT p.needed_class, p.needed, p.class, p.object, i.type, i.schema, i.name, i.identity
  FROM pair AS p
       CROSS JOIN LATERAL pg_catalog.pg_identify_object(p.class, p.object, 0) AS i
 WHERE (p.needed_class, p.needed) <> (p.class, p.object)
 ORDER BY p.needed_class, p.needed, i.type COLLATE "C", i.identity COLLATE "C"
