-- What a column of the tables $1 (oid[]) gets when it is not given, and its domain.
SELECT a.attrelid,
       a.attnum,
       CASE
         WHEN a.attgenerated = ''
           THEN COALESCE(pg_catalog.pg_get_expr(d.adbin, d.adrelid),
                         pg_catalog.pg_get_expr(
                           t.typdefaultbin, 'pg_catalog.pg_type'::pg_catalog.regclass))
       END AS default_expression,
       a.atthasdef OR a.attidentity <> '' OR a.attgenerated <> ''
         OR t.typdefaultbin IS NOT NULL AS has_default,
       a.attidentity <> '' AS is_identity,
       CASE t.typtype
         WHEN 'd' THEN pg_catalog.format('%I.%I', n.nspname, t.typname)
       END AS domain
  FROM pg_catalog.pg_attribute AS a
       JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
       JOIN pg_catalog.pg_namespace AS n ON n.oid = t.typnamespace
       LEFT JOIN pg_catalog.pg_attrdef AS d
         ON d.adrelid = a.attrelid AND d.adnum = a.attnum
 WHERE a.attrelid = ANY ($1::pg_catalog.oid[])
   AND a.attnum > 0
   AND NOT a.attisdropped
