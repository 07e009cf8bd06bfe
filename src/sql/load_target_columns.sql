-- The defaults of the columns of the tables $1 (oid[]).
SELECT a.attrelid,
       a.attnum,
       CASE
         WHEN a.attgenerated OPERATOR(pg_catalog.=) ''
           THEN COALESCE(pg_catalog.pg_get_expr(d.adbin, d.adrelid),
                         pg_catalog.pg_get_expr(
                           t.typdefaultbin, 'pg_catalog.pg_type'::pg_catalog.regclass))
       END AS default_expression,
       a.atthasdef OR a.attidentity OPERATOR(pg_catalog.<>) '' OR a.attgenerated OPERATOR(pg_catalog.<>) ''
         OR t.typdefaultbin IS NOT NULL AS has_default,
       a.attidentity OPERATOR(pg_catalog.<>) '' AS is_identity,
       t.typcategory OPERATOR(pg_catalog.=) ANY ('{D,N}') AS is_time_or_number
  FROM pg_catalog.pg_attribute AS a
       JOIN pg_catalog.pg_type AS t ON t.oid OPERATOR(pg_catalog.=) a.atttypid
       LEFT JOIN pg_catalog.pg_attrdef AS d
         ON d.adrelid OPERATOR(pg_catalog.=) a.attrelid AND d.adnum OPERATOR(pg_catalog.=) a.attnum
 WHERE a.attrelid OPERATOR(pg_catalog.=) ANY ($1::pg_catalog.oid[])
   AND a.attnum OPERATOR(pg_catalog.>) 0
   AND NOT a.attisdropped
