-- The defaults of the columns of the tables $1 (oid[]), and the elements of those that are
-- arrays. Types are taken below domains; domain_base has the modifiers that the domain gives it.
-- An identity column has no default in the catalog: its
-- sequence is named by oid, which needs no quotes.
WITH RECURSIVE base (oid, type, modifier) AS (
       SELECT t.oid, t.oid, -1
         FROM pg_catalog.pg_type AS t
        WHERE t.typtype OPERATOR(pg_catalog.<>) 'd'
       UNION ALL
       SELECT t.oid, base.type,
              CASE WHEN t.typtypmod OPERATOR(pg_catalog.>=) 0 THEN t.typtypmod ELSE base.modifier END
         FROM base
              JOIN pg_catalog.pg_type AS t ON t.typbasetype OPERATOR(pg_catalog.=) base.oid AND t.typtype OPERATOR(pg_catalog.=) 'd'
     )
SELECT a.attrelid,
       a.attnum,
       CASE
         WHEN a.attgenerated OPERATOR(pg_catalog.=) ''
           THEN COALESCE(pg_catalog.pg_get_expr(d.adbin, d.adrelid),
                         pg_catalog.pg_get_expr(
                           t.typdefaultbin, 'pg_catalog.pg_type'::pg_catalog.regclass),
                         (SELECT pg_catalog.format('pg_catalog.nextval(%L::pg_catalog.regclass)',
                                                   q.objid)
                            FROM pg_catalog.pg_depend AS q
                           WHERE q.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::pg_catalog.regclass
                             AND q.refobjid OPERATOR(pg_catalog.=) a.attrelid
                             AND q.refobjsubid OPERATOR(pg_catalog.=) a.attnum
                             AND q.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::pg_catalog.regclass
                             AND q.deptype OPERATOR(pg_catalog.=) 'i'
                             AND a.attidentity OPERATOR(pg_catalog.<>) ''))
       END AS default_expression,
       a.atthasdef OR a.attidentity OPERATOR(pg_catalog.<>) '' OR a.attgenerated OPERATOR(pg_catalog.<>) ''
         OR t.typdefaultbin IS NOT NULL AS has_default,
       a.attidentity OPERATOR(pg_catalog.<>) '' AS is_identity,
       t.typcategory OPERATOR(pg_catalog.=) ANY ('{D,N}') AS is_time_or_number,
       COALESCE(element.type, 0::pg_catalog.oid) AS element,
       b.typdelim AS delimiter,
       CASE WHEN base.type OPERATOR(pg_catalog.<>) t.oid
            THEN pg_catalog.format_type(base.type, base.modifier)
       END AS domain_base
  FROM pg_catalog.pg_attribute AS a
       JOIN pg_catalog.pg_type AS t ON t.oid OPERATOR(pg_catalog.=) a.atttypid
       JOIN base ON base.oid OPERATOR(pg_catalog.=) t.oid
       JOIN pg_catalog.pg_type AS b ON b.oid OPERATOR(pg_catalog.=) base.type
       LEFT JOIN base AS element ON element.oid OPERATOR(pg_catalog.=) b.typelem AND b.typlen OPERATOR(pg_catalog.=) (-1)
       LEFT JOIN pg_catalog.pg_attrdef AS d
         ON d.adrelid OPERATOR(pg_catalog.=) a.attrelid AND d.adnum OPERATOR(pg_catalog.=) a.attnum
 WHERE a.attrelid OPERATOR(pg_catalog.=) ANY ($1::pg_catalog.oid[])
   AND a.attnum OPERATOR(pg_catalog.>) 0
   AND NOT a.attisdropped
