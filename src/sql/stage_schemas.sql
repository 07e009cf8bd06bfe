-- Staging schemas in this database, by their mark, with what can be known from outside.
SELECT n.nspname AS schema,
       pg_catalog.quote_ident(n.nspname) AS qschema,
       pg_catalog.pg_get_userbyid(n.nspowner) AS owner,
       pg_catalog.pg_get_userbyid(n.nspowner) = current_user AS is_own,
       d.description LIKE 'pg-sample staging schema, kept%' AS is_kept,
       (pg_catalog.has_schema_privilege(n.oid, 'USAGE')
        AND EXISTS (
              SELECT
                FROM pg_catalog.pg_class AS c
               WHERE c.relnamespace = n.oid
                 AND c.relname = 'manifest_run'
                 AND pg_catalog.has_table_privilege(c.oid, 'SELECT'))) AS has_manifest,
       (SELECT pg_catalog.count(*)
          FROM pg_catalog.pg_class AS c
         WHERE c.relnamespace = n.oid
           AND c.relkind = 'r'
           AND c.relpersistence = 'u'
           AND c.relname !~ '^(manifest|resume_|reached$)') AS n_tables,
       pg_catalog.pg_size_pretty(
         (SELECT COALESCE(pg_catalog.sum(pg_catalog.pg_relation_size(c.oid)), 0)
            FROM pg_catalog.pg_class AS c
           WHERE c.relnamespace = n.oid
             AND c.relkind IN ('r', 'i', 't'))) AS size
  FROM pg_catalog.pg_namespace AS n
       JOIN pg_catalog.pg_description AS d
         ON d.objoid = n.oid
            AND d.classoid = 'pg_catalog.pg_namespace'::pg_catalog.regclass
 WHERE d.description LIKE 'pg-sample staging schema%'
 ORDER BY n.nspname COLLATE "C"
