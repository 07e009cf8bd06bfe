-- Foreign keys as they were declared (copies on partitions have a parent constraint),
-- one row for each pair of columns, ordered by the referenced column so that keys to the
-- same columns compare alike. The operators are the constraint's own, and the referenced
-- value stands on their left; where the columns' collations differ, the referenced one
-- decides (as in ri_triggers.c). The last pair of a key with PERIOD (server 18) are ranges,
-- and its operator is that of overlapping. A table that was dropped since the snapshot has
-- no definition; the catalog is read again then. In two steps, and with subqueries in place
-- of joins, since to plan one join of them all takes longer than small catalogs.
WITH pair AS MATERIALIZED (
       SELECT con.oid,
              con.conname,
              con.conrelid,
              con.confrelid,
              n.nspname,
              c.relname,
              con.confmatchtype,
              con.condeferrable,
              con.convalidated,
              k.conkey,
              k.confkey,
              k.operator,
              CASE
                WHEN (SELECT pg_catalog.current_setting('server_version_num')::pg_catalog.int4
                             >= 180000)
                  THEN COALESCE((pg_catalog.to_jsonb(con) ->> 'conperiod')::pg_catalog.bool,
                                false)
                       AND k.position = pg_catalog.cardinality(con.conkey)
                ELSE false
              END AS is_period
         FROM pg_catalog.pg_constraint AS con
              JOIN pg_catalog.pg_class AS c ON c.oid = con.conrelid
              JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
              CROSS JOIN LATERAL ROWS FROM (
                pg_catalog.unnest(con.conkey),
                pg_catalog.unnest(con.confkey),
                pg_catalog.unnest(con.conpfeqop)) WITH ORDINALITY
                  AS k (conkey, confkey, operator, position)
        WHERE con.contype = 'f'
          AND con.conparentid = 0
          AND n.nspname !~ '^pg_'
          AND n.nspname <> 'information_schema'
     )
SELECT p.oid,
       p.conname AS name,
       pg_catalog.quote_ident(p.conname) AS qname,
       p.conrelid,
       p.confrelid,
       pg_catalog.format('%I.%I', p.nspname, p.relname) AS referencing_qname,
       p.confmatchtype = 'f' AS is_match_full,
       p.condeferrable AS is_deferrable,
       p.convalidated AS is_validated,
       COALESCE(CASE
                  WHEN pg_catalog.pg_table_is_visible(p.conrelid) IS NOT NULL
                       AND pg_catalog.pg_table_is_visible(p.confrelid) IS NOT NULL
                    THEN pg_catalog.pg_get_constraintdef(p.oid)
                END, '') AS definition,
       (SELECT des.description
          FROM pg_catalog.pg_description AS des
         WHERE des.objoid = p.oid AND des.objsubid = 0
           AND des.classoid = 'pg_catalog.pg_constraint'::pg_catalog.regclass) AS comment,
       a.attname AS referencing_column,
       fa.attname AS referenced_column,
       pg_catalog.format('OPERATOR(%s.%s)', op.oprnamespace::pg_catalog.regnamespace,
                         op.oprname) AS operator,
       op.oprnamespace = 'pg_catalog'::pg_catalog.regnamespace AND op.oprname = '='
         AS is_default_operator,
       CASE WHEN fa.attcollation <> a.attcollation AND fa.attcollation <> 0
         THEN (SELECT pg_catalog.format(' COLLATE %s.%I',
                                        col.collnamespace::pg_catalog.regnamespace,
                                        col.collname)
                 FROM pg_catalog.pg_collation AS col
                WHERE col.oid = fa.attcollation)
         ELSE ''
       END AS collation,
       op.oprright AS value_type,
       pg_catalog.concat( -- the same under every search_path, as in columns.sql
         CASE WHEN op.typnamespace = 'pg_catalog'::pg_catalog.regnamespace
                   AND pg_catalog.format_type(op.oprright, -1)
                       = pg_catalog.quote_ident(op.typname)
           THEN 'pg_catalog.' END,
         pg_catalog.format_type(op.oprright, -1)) AS value_type_name,
       op.typtype = 'p' AS is_value_type_pseudo,
       p.is_period
  FROM pair AS p
       CROSS JOIN LATERAL (
         SELECT c.attname, c.attcollation
           FROM pg_catalog.pg_attribute AS c
          WHERE c.attrelid = p.conrelid AND c.attnum = p.conkey
         OFFSET 0) AS a
       CROSS JOIN LATERAL (
         SELECT c.attname, c.attcollation
           FROM pg_catalog.pg_attribute AS c
          WHERE c.attrelid = p.confrelid AND c.attnum = p.confkey
         OFFSET 0) AS fa
       CROSS JOIN LATERAL (
         SELECT o.oprname, o.oprnamespace, o.oprright, t.typname, t.typnamespace, t.typtype
           FROM pg_catalog.pg_operator AS o
                JOIN pg_catalog.pg_type AS t ON t.oid = o.oprright
          WHERE o.oid = p.operator
         OFFSET 0) AS op
 ORDER BY p.nspname COLLATE "C", p.relname COLLATE "C", p.conname COLLATE "C", p.oid,
          p.confkey
