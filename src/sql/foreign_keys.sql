-- Foreign keys as they were declared (copies on partitions have a parent constraint),
-- one row for each pair of columns, ordered by the referenced column so that keys to the
-- same columns compare alike. The operators are the constraint's own, and the referenced
-- value stands on their left; where the columns' collations differ, the referenced one
-- decides (as in ri_triggers.c). The last pair of a key with PERIOD (server 18) are ranges,
-- and its operator is that of overlapping. A table that was dropped since the snapshot has
-- no definition; the catalog is read again then.
SELECT con.oid,
       con.conname AS name,
       pg_catalog.quote_ident(con.conname) AS qname,
       con.conrelid,
       con.confrelid,
       pg_catalog.format('%I.%I', n.nspname, c.relname) AS referencing_qname,
       con.confmatchtype = 'f' AS is_match_full,
       con.condeferrable AS is_deferrable,
       con.convalidated AS is_validated,
       COALESCE(CASE
                  WHEN pg_catalog.pg_table_is_visible(con.conrelid) IS NOT NULL
                       AND pg_catalog.pg_table_is_visible(con.confrelid) IS NOT NULL
                    THEN pg_catalog.pg_get_constraintdef(con.oid)
                END, '') AS definition,
       des.description AS comment,
       a.attname AS referencing_column,
       fa.attname AS referenced_column,
       pg_catalog.format('OPERATOR(%I.%s)', opn.nspname, op.oprname) AS operator,
       opn.nspname = 'pg_catalog' AND op.oprname = '=' AS is_default_operator,
       CASE WHEN fa.attcollation <> a.attcollation AND fa.attcollation <> 0
         THEN pg_catalog.format(' COLLATE %I.%I', coln.nspname, col.collname)
         ELSE ''
       END AS collation,
       op.oprright AS value_type,
       pg_catalog.concat( -- the same under every search_path, as in columns.sql
         CASE WHEN rt.typnamespace = 'pg_catalog'::pg_catalog.regnamespace
                   AND pg_catalog.format_type(op.oprright, -1)
                       = pg_catalog.quote_ident(rt.typname)
           THEN 'pg_catalog.' END,
         pg_catalog.format_type(op.oprright, -1)) AS value_type_name,
       rt.typtype = 'p' AS is_value_type_pseudo,
       CASE
         WHEN (SELECT pg_catalog.current_setting('server_version_num')::pg_catalog.int4 >= 180000)
           THEN COALESCE((pg_catalog.to_jsonb(con) ->> 'conperiod')::pg_catalog.bool, false)
                AND k.position = pg_catalog.cardinality(con.conkey)
         ELSE false
       END AS is_period
  FROM pg_catalog.pg_constraint AS con
       LEFT JOIN pg_catalog.pg_description AS des
         ON des.objoid = con.oid AND des.objsubid = 0
            AND des.classoid = 'pg_catalog.pg_constraint'::pg_catalog.regclass
       JOIN pg_catalog.pg_class AS c ON c.oid = con.conrelid
       JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
       CROSS JOIN LATERAL ROWS FROM (
         pg_catalog.unnest(con.conkey),
         pg_catalog.unnest(con.confkey),
         pg_catalog.unnest(con.conpfeqop)) WITH ORDINALITY
           AS k (conkey, confkey, operator, position)
       JOIN pg_catalog.pg_attribute AS a
         ON a.attrelid = con.conrelid AND a.attnum = k.conkey
       JOIN pg_catalog.pg_attribute AS fa
         ON fa.attrelid = con.confrelid AND fa.attnum = k.confkey
       JOIN pg_catalog.pg_operator AS op ON op.oid = k.operator
       JOIN pg_catalog.pg_namespace AS opn ON opn.oid = op.oprnamespace
       JOIN pg_catalog.pg_type AS rt ON rt.oid = op.oprright
       LEFT JOIN pg_catalog.pg_collation AS col ON col.oid = fa.attcollation
       LEFT JOIN pg_catalog.pg_namespace AS coln ON coln.oid = col.collnamespace
 WHERE con.contype = 'f'
   AND con.conparentid = 0
   AND n.nspname !~ '^pg_'
   AND n.nspname <> 'information_schema'
 ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C", con.conname COLLATE "C", con.oid,
          k.confkey
