-- The columns $2 (text[]) of the undo table $1, whose types were $3 (text[]) when they were loaded,
-- beside those of the target $4 (oid): attnum, or 0 if there is none; whether the server
-- generates it; its type now and then, for messages; whether they are the same; and, of a domain,
-- a cast to what is below it. Names of types in casts have no modifiers, and mean what they say:
-- bpchar is not character(1). The columns of undo tables need not have the modifiers, so that
-- those of the server's own types are compared by their names.
WITH RECURSIVE part AS (
       SELECT u.number, u.name, u.type AS was, a.attnum, a.attgenerated, a.atttypid AS declared, a.atttypmod, a.atttypid AS type
         FROM ROWS FROM (pg_catalog.unnest($2::pg_catalog.text[]),
                         pg_catalog.unnest($3::pg_catalog.text[]))
                WITH ORDINALITY AS u (name, type, number)
              LEFT JOIN pg_catalog.pg_attribute AS a
                ON a.attrelid OPERATOR(pg_catalog.=) $4::pg_catalog.oid
                   AND a.attname OPERATOR(pg_catalog.=) u.name
                   AND a.attnum OPERATOR(pg_catalog.>) 0
                   AND NOT a.attisdropped
       UNION ALL
       SELECT part.number, part.name, part.was, part.attnum, part.attgenerated, part.declared, part.atttypmod, t.typbasetype
         FROM part
              JOIN pg_catalog.pg_type AS t
                ON t.oid OPERATOR(pg_catalog.=) part.type AND t.typtype OPERATOR(pg_catalog.=) 'd'
     )
SELECT part.name,
       COALESCE(part.attnum, 0) AS attnum,
       COALESCE(part.attgenerated OPERATOR(pg_catalog.<>) '', false) AS is_generated,
       COALESCE(f.type, '') AS type,
       f.was,
       COALESCE(part.type OPERATOR(pg_catalog.=) o.atttypid
                AND (part.declared OPERATOR(pg_catalog.<>) part.type
                     OR n.nspname OPERATOR(pg_catalog.<>) 'pg_catalog'
                     OR f.type OPERATOR(pg_catalog.=) f.was), false) AS is_same,
       CASE WHEN part.type OPERATOR(pg_catalog.<>) part.declared
            THEN pg_catalog.format('::%I.%I', n.nspname, t.typname)
            ELSE ''
       END AS cast
  FROM part
       CROSS JOIN LATERAL (
         SELECT pg_catalog.regexp_replace(pg_catalog.format_type(part.declared, part.atttypmod),
                                          '^pg_catalog\.', ''),
                pg_catalog.regexp_replace(part.was, '^pg_catalog\.', '')) AS f (type, was)
       LEFT JOIN pg_catalog.pg_type AS t ON t.oid OPERATOR(pg_catalog.=) part.type
       LEFT JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) t.typnamespace
       LEFT JOIN pg_catalog.pg_attribute AS o
         ON o.attrelid OPERATOR(pg_catalog.=) $1::pg_catalog.regclass
            AND o.attname OPERATOR(pg_catalog.=) pg_catalog.concat('old_', part.number)
 WHERE t.typtype IS NULL OR t.typtype OPERATOR(pg_catalog.<>) 'd'
 ORDER BY part.number
