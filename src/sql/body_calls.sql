-- Which functions may be called in the bodies of which others, by their names: nothing
-- records it. Functions of an extension stand for it.
WITH body AS (
       SELECT DISTINCT p.oid,
              COALESCE(pg_catalog.replace(called.name[1], '""', '"'),
                       pg_catalog.lower(called.name[2])) AS name
         FROM pg_catalog.pg_proc AS p
              JOIN pg_catalog.pg_language AS l ON l.oid = p.prolang
              CROSS JOIN LATERAL
                pg_catalog.regexp_matches(
                  p.prosrc,
                  '(?:"((?:[^"]|"")+)"|([[:alpha:]_][[:alnum:]_$]*))\s*\(', 'g')
                AS called (name)
        WHERE p.oid >= 16384
          AND l.lanname NOT IN ('c', 'internal')
     )
SELECT DISTINCT b.oid AS caller,
       COALESCE(d.refclassid, p.tableoid) AS class,
       COALESCE(d.refobjid, p.oid) AS object
  FROM body AS b
       JOIN pg_catalog.pg_proc AS p
         ON p.proname = b.name
       LEFT JOIN pg_catalog.pg_depend AS d
         ON d.classid = p.tableoid AND d.objid = p.oid AND d.deptype = 'e'
            AND d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass
 WHERE p.oid >= 16384
   AND p.oid <> b.oid
 ORDER BY class, object, caller
