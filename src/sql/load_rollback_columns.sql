-- The columns $2 (text[]) of the undo table $1, beside those of the target $3 (oid): attnum, or
-- 0 if there is none; whether the server generates it; its type below domains and that of the
-- undo table, for messages; whether they are the same; and, of a domain, a cast to what is
-- below it. Names of types in casts have no modifiers, and mean what they say: bpchar is not
-- character(1).
WITH RECURSIVE part AS (
       SELECT u.number, u.name, a.attnum, a.attgenerated, a.atttypid AS declared, a.atttypid AS type, a.atttypmod AS modifier
         FROM pg_catalog.unnest($2::pg_catalog.text[]) WITH ORDINALITY AS u (name, number)
              LEFT JOIN pg_catalog.pg_attribute AS a
                ON a.attrelid OPERATOR(pg_catalog.=) $3::pg_catalog.oid
                   AND a.attname OPERATOR(pg_catalog.=) u.name
                   AND a.attnum OPERATOR(pg_catalog.>) 0
                   AND NOT a.attisdropped
       UNION ALL
       SELECT part.number, part.name, part.attnum, part.attgenerated, part.declared, t.typbasetype, t.typtypmod
         FROM part
              JOIN pg_catalog.pg_type AS t
                ON t.oid OPERATOR(pg_catalog.=) part.type AND t.typtype OPERATOR(pg_catalog.=) 'd'
     )
SELECT part.name,
       COALESCE(part.attnum, 0) AS attnum,
       COALESCE(part.attgenerated OPERATOR(pg_catalog.<>) '', false) AS is_generated,
       COALESCE(pg_catalog.format_type(part.type, part.modifier), '') AS type,
       COALESCE(pg_catalog.format_type(o.atttypid, o.atttypmod), '') AS old_type,
       COALESCE(part.type OPERATOR(pg_catalog.=) o.atttypid AND part.modifier OPERATOR(pg_catalog.=) o.atttypmod, false) AS is_same,
       CASE WHEN part.type OPERATOR(pg_catalog.<>) part.declared
            THEN pg_catalog.format('::%I.%I', n.nspname, t.typname)
            ELSE ''
       END AS cast
  FROM part
       LEFT JOIN pg_catalog.pg_type AS t ON t.oid OPERATOR(pg_catalog.=) part.type
       LEFT JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) t.typnamespace
       LEFT JOIN pg_catalog.pg_attribute AS o
         ON o.attrelid OPERATOR(pg_catalog.=) $1::pg_catalog.regclass
            AND o.attname OPERATOR(pg_catalog.=) pg_catalog.concat('old_', part.number)
 WHERE t.typtype IS NULL OR t.typtype OPERATOR(pg_catalog.<>) 'd'
 ORDER BY part.number
