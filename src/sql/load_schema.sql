-- The schema $1 of pg-sample-load: its name in SQL, whether it exists, and what the role can
-- do in it. An empty one is marked as a staging schema; another may have tables of users.
SELECT pg_catalog.quote_ident($1::pg_catalog.text) AS qname,
       pg_catalog.octet_length($1::pg_catalog.text) AS n_bytes,
       n.oid IS NOT NULL AS is_there,
       COALESCE(pg_catalog.has_schema_privilege(n.oid, 'USAGE')
                AND pg_catalog.has_schema_privilege(n.oid, 'CREATE'), false) AS is_usable,
       run.oid IS NOT NULL AS has_run,
       reject.oid IS NOT NULL AS has_reject,
       COALESCE(pg_catalog.has_table_privilege(run.oid, 'SELECT')
                AND pg_catalog.has_table_privilege(run.oid, 'INSERT')
                AND pg_catalog.has_table_privilege(reject.oid, 'INSERT'),
                false) AS is_writable,
       n.oid IS NULL
         OR (pg_catalog.pg_has_role(n.nspowner, 'USAGE')
             AND pg_catalog.obj_description(n.oid, 'pg_namespace') IS NULL
             AND NOT EXISTS (SELECT
                               FROM pg_catalog.pg_class AS c
                              WHERE c.relnamespace OPERATOR(pg_catalog.=) n.oid))
         AS is_to_be_marked
  FROM (SELECT) AS one
       LEFT JOIN pg_catalog.pg_namespace AS n
         ON n.nspname OPERATOR(pg_catalog.=) $1::pg_catalog.text
       LEFT JOIN pg_catalog.pg_class AS run
         ON run.relnamespace OPERATOR(pg_catalog.=) n.oid
            AND run.relname OPERATOR(pg_catalog.=) 'run'
       LEFT JOIN pg_catalog.pg_class AS reject
         ON reject.relnamespace OPERATOR(pg_catalog.=) n.oid
            AND reject.relname OPERATOR(pg_catalog.=) 'reject'
