-- Columns of the relations, in the order of the table. Types are taken below domains,
-- since a domain has its base type's text and equality. Names of types mean the same under
-- every search_path: those of pg_catalog that are no words of the grammar have its name.
WITH RECURSIVE base (oid, type, typcollation) AS (
       SELECT t.oid, t.oid, t.typcollation
         FROM pg_catalog.pg_type AS t
        WHERE t.typtype <> 'd'
       UNION ALL
       SELECT t.oid, base.type, t.typcollation
         FROM base
              JOIN pg_catalog.pg_type AS t ON t.typbasetype = base.oid AND t.typtype = 'd'
     )
SELECT a.attrelid,
       a.attnum,
       a.attname AS name,
       pg_catalog.quote_ident(a.attname) AS qname,
       base.type,
       pg_catalog.concat(CASE WHEN shown.base_word = system.name THEN 'pg_catalog.' END,
                         shown.base) AS type_name,
       a.attnotnull AS is_not_null,
       a.attgenerated <> '' AS is_generated,
       a.attidentity = 'a' AS is_always_identity,
       CASE
         WHEN t.typtype = 'e' THEN true
         WHEN t.oid IN ('pg_catalog.text'::pg_catalog.regtype,
                        'pg_catalog.varchar'::pg_catalog.regtype)
           THEN COALESCE(col.collisdeterministic, true)
         ELSE t.oid IN ('pg_catalog.int2'::pg_catalog.regtype,
                        'pg_catalog.int4'::pg_catalog.regtype,
                        'pg_catalog.int8'::pg_catalog.regtype,
                        'pg_catalog.oid'::pg_catalog.regtype,
                        'pg_catalog.uuid'::pg_catalog.regtype,
                        'pg_catalog.bool'::pg_catalog.regtype,
                        'pg_catalog.date'::pg_catalog.regtype,
                        'pg_catalog.timestamp'::pg_catalog.regtype,
                        'pg_catalog.timestamptz'::pg_catalog.regtype,
                        'pg_catalog.bytea'::pg_catalog.regtype)
       END AS is_canonical,
       -- all values have as many characters: a domain may have been declared without them
       a.atttypid = 'pg_catalog.bpchar'::pg_catalog.regtype AND a.atttypmod > 0
         AND COALESCE(col.collisdeterministic, true) AS is_padded,
       t.typcategory = 'N' AS is_number,
       t.oid = 'pg_catalog.bool'::pg_catalog.regtype AS is_boolean,
       EXISTS (SELECT
                 FROM pg_catalog.pg_constraint AS k
                WHERE k.conrelid = a.attrelid AND k.contype = 'c'
                  AND a.attnum = ANY (k.conkey)) AS is_checked,
       pg_catalog.concat(CASE WHEN shown.declared_word = system.name THEN 'pg_catalog.' END,
                         shown.declared) AS declared_type,
       CASE
         WHEN col.oid IS NOT NULL
           THEN pg_catalog.format(' COLLATE %I.%I', coln.nspname, col.collname)
         ELSE ''
       END AS collation,
       -- functions of anyenum do not take a domain over an enum: neither do its operators
       pg_catalog.concat(
         pg_catalog.quote_ident(a.attname),
         CASE WHEN a.atttypid <> base.type AND (t.typtype <> 'b' OR t.typelem <> 0)
           THEN pg_catalog.concat('::', CASE WHEN shown.base_word = system.name
                                            THEN 'pg_catalog.' END, shown.base)
         END) AS operand
  FROM pg_catalog.pg_attribute AS a
       JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid
       JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
       JOIN base ON base.oid = a.atttypid
       JOIN pg_catalog.pg_type AS t ON t.oid = base.type
       CROSS JOIN LATERAL (
         SELECT f.base, f.declared,
                pg_catalog.regexp_replace(f.base, '[[(].*', '') AS base_word,
                pg_catalog.regexp_replace(f.declared, '[[(].*', '') AS declared_word
           FROM (SELECT pg_catalog.format_type(base.type, -1) AS base,
                        pg_catalog.format_type(a.atttypid, a.atttypmod) AS declared) AS f
       ) AS shown
       LEFT JOIN LATERAL (
         SELECT pg_catalog.quote_ident(i.typname) AS name
           FROM pg_catalog.pg_type AS i
          WHERE i.oid = CASE WHEN t.typlen = -1 AND t.typelem <> 0 THEN t.typelem
                             ELSE t.oid END
            AND i.typnamespace = 'pg_catalog'::pg_catalog.regnamespace
       ) AS system ON true
       LEFT JOIN pg_catalog.pg_collation AS col ON col.oid = a.attcollation
       LEFT JOIN pg_catalog.pg_namespace AS coln ON coln.oid = col.collnamespace
 WHERE a.attnum > 0
   AND NOT a.attisdropped
   AND c.relkind IN ('r', 'p')
   AND NOT c.relispartition
   AND c.relpersistence <> 't'
   AND n.nspname !~ '^pg_'
   AND n.nspname <> 'information_schema'
 ORDER BY a.attrelid, a.attnum
