-- Columns of the relations, in the order of the table. Types are taken below domains,
-- since a domain has its base type's text and equality. Names of types mean the same under
-- every search_path: those of pg_catalog that are no words of the grammar have its name.
-- What depends on the type alone is found once for each type.
WITH RECURSIVE ancestor (oid, type) AS ( -- of domains
       SELECT d.oid, d.typbasetype
         FROM pg_catalog.pg_type AS d
        WHERE d.typtype = 'd'
        UNION ALL
       SELECT a.oid, d.typbasetype
         FROM ancestor AS a
              JOIN pg_catalog.pg_type AS d ON d.oid = a.type AND d.typtype = 'd'
     ),
     col AS MATERIALIZED (
       SELECT a.attrelid, a.attnum, a.attname, a.atttypid, a.atttypmod, a.attnotnull,
              a.attgenerated, a.attidentity, a.attcollation
         FROM pg_catalog.pg_attribute AS a
              JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid
        WHERE a.attnum > 0
          AND NOT a.attisdropped
          AND c.relkind IN ('r', 'p')
          AND NOT c.relispartition
          AND c.relpersistence <> 't'
          AND c.relnamespace IN (
                SELECT n.oid
                  FROM pg_catalog.pg_namespace AS n
                 WHERE n.nspname !~ '^pg_'
                   AND n.nspname <> 'information_schema')
     ),
     named AS (
       SELECT d.atttypid,
              d.atttypmod,
              t.oid AS type,
              t.typtype,
              t.typelem,
              t.typcategory,
              (SELECT pg_catalog.quote_ident(i.typname)
                 FROM pg_catalog.pg_type AS i
                WHERE i.oid = CASE WHEN t.typlen = -1 AND t.typelem <> 0 THEN t.typelem
                                   ELSE t.oid END
                  AND i.typnamespace = 'pg_catalog'::pg_catalog.regnamespace)
                AS system_name,
              pg_catalog.format_type(t.oid, -1) AS base,
              pg_catalog.format_type(d.atttypid, d.atttypmod) AS declared
         FROM (SELECT DISTINCT atttypid, atttypmod FROM col) AS d
              LEFT JOIN (ancestor AS a
                         JOIN pg_catalog.pg_type AS b
                           ON b.oid = a.type AND b.typtype <> 'd') ON a.oid = d.atttypid
              JOIN pg_catalog.pg_type AS t ON t.oid = COALESCE(a.type, d.atttypid)
     ),
     type AS MATERIALIZED (
       SELECT n.atttypid, n.atttypmod, n.type, n.typtype, n.typelem, n.typcategory,
              pg_catalog.concat(
                CASE WHEN pg_catalog.regexp_replace(n.base, '[[(].*', '') = n.system_name
                  THEN 'pg_catalog.' END, n.base) AS base,
              pg_catalog.concat(
                CASE WHEN pg_catalog.regexp_replace(n.declared, '[[(].*', '') = n.system_name
                  THEN 'pg_catalog.' END, n.declared) AS declared
         FROM named AS n
     )
SELECT a.attrelid,
       a.attnum,
       a.attname AS name,
       pg_catalog.quote_ident(a.attname) AS qname,
       t.type,
       t.base AS type_name,
       a.attnotnull AS is_not_null,
       a.attgenerated <> '' AS is_generated,
       a.attidentity = 'a' AS is_always_identity,
       CASE
         WHEN t.typtype = 'e' THEN true
         WHEN t.type IN ('pg_catalog.text'::pg_catalog.regtype,
                         'pg_catalog.varchar'::pg_catalog.regtype)
           THEN COALESCE(o.collisdeterministic, true)
         ELSE t.type IN ('pg_catalog.int2'::pg_catalog.regtype,
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
         AND COALESCE(o.collisdeterministic, true) AS is_padded,
       t.typcategory = 'N' AS is_number,
       t.type = 'pg_catalog.bool'::pg_catalog.regtype AS is_boolean,
       EXISTS (SELECT
                 FROM pg_catalog.pg_constraint AS k
                WHERE k.conrelid = a.attrelid AND k.contype = 'c'
                  AND a.attnum = ANY (k.conkey)) AS is_checked,
       t.declared AS declared_type,
       CASE
         WHEN o.oid IS NOT NULL
           THEN pg_catalog.format(' COLLATE %s.%I', o.collnamespace::pg_catalog.regnamespace,
                                  o.collname)
         ELSE ''
       END AS collation,
       -- functions of anyenum do not take a domain over an enum: neither do its operators
       pg_catalog.concat(
         pg_catalog.quote_ident(a.attname),
         CASE WHEN a.atttypid <> t.type AND (t.typtype <> 'b' OR t.typelem <> 0)
           THEN pg_catalog.concat('::', t.base)
         END) AS operand
  FROM col AS a
       JOIN type AS t ON t.atttypid = a.atttypid AND t.atttypmod = a.atttypmod
       LEFT JOIN pg_catalog.pg_collation AS o ON o.oid = a.attcollation
 ORDER BY a.attrelid, a.attnum
