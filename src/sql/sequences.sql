-- Sequences, each with the columns that draw from it (serial, identity, or a default
-- that names it); one row without a column where there is none.
SELECT s.oid,
       s.relname AS name,
       pg_catalog.format('%I.%I', n.nspname, s.relname) AS qname,
       (pg_catalog.has_schema_privilege(n.oid, 'USAGE')
        AND pg_catalog.has_sequence_privilege(s.oid, 'SELECT')
        AND NOT (s.relpersistence = 'u' AND pg_catalog.pg_is_in_recovery())) AS is_readable,
       COALESCE(e.oid, 0) AS extension,
       COALESCE(s.oid = ANY (e.extconfig), false) AS is_configuration,
       q.seqincrement < 0 AS is_descending,
       q.seqstart AS start,
       q.seqmin AS minimum,
       q.seqmax AS maximum,
       COALESCE(u.relation, 0) AS relation,
       a.attname AS column
  FROM pg_catalog.pg_class AS s
       JOIN pg_catalog.pg_namespace AS n ON n.oid = s.relnamespace
       JOIN pg_catalog.pg_sequence AS q ON q.seqrelid = s.oid
       LEFT JOIN pg_catalog.pg_depend AS de
         ON de.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
            AND de.objid = s.oid AND de.objsubid = 0 AND de.deptype = 'e'
       LEFT JOIN pg_catalog.pg_extension AS e ON e.oid = de.refobjid
       LEFT JOIN LATERAL (
         SELECT d.refobjid AS relation, d.refobjsubid AS attnum
           FROM pg_catalog.pg_depend AS d
          WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
            AND d.objid = s.oid AND d.objsubid = 0
            AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
            AND d.refobjsubid > 0
            AND d.deptype IN ('a', 'i')
         UNION
         SELECT ad.adrelid, ad.adnum
           FROM pg_catalog.pg_depend AS d
                JOIN pg_catalog.pg_attrdef AS ad ON ad.oid = d.objid
          WHERE d.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass
            AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
            AND d.refobjid = s.oid) AS u ON true
       LEFT JOIN pg_catalog.pg_attribute AS a
         ON a.attrelid = u.relation AND a.attnum = u.attnum
 WHERE s.relkind = 'S'
   AND s.relpersistence <> 't'
   AND n.nspname !~ '^pg_'
   AND n.nspname <> 'information_schema'
 ORDER BY n.nspname COLLATE "C", s.relname COLLATE "C", relation, a.attnum
