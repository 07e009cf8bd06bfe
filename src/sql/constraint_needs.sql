-- What the index behind an EXCLUDE constraint needs (operator classes, functions,
-- collations), by table; pg_dump's archive does not have it. Members of an extension stand
-- for the extension.
SELECT DISTINCT con.conrelid,
       COALESCE(e.refclassid, d.refclassid) AS class,
       COALESCE(e.refobjid, d.refobjid) AS object
  FROM pg_catalog.pg_constraint AS con
       JOIN pg_catalog.pg_depend AS d
         ON d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
            AND d.objid = con.conindid
            AND d.refclassid <> 'pg_catalog.pg_class'::pg_catalog.regclass
            AND d.refclassid <> 'pg_catalog.pg_constraint'::pg_catalog.regclass
       LEFT JOIN pg_catalog.pg_depend AS e
         ON e.classid = d.refclassid AND e.objid = d.refobjid AND e.deptype = 'e'
 WHERE con.contype = 'x'
 ORDER BY 1, 2, 3
