-- The schema $1 of pg-sample-load: its name in SQL, whether it exists, and what the role can
-- do in it. is_complete: it has all tables.
SELECT pg_catalog.quote_ident($1::pg_catalog.text) AS qname,
       pg_catalog.octet_length($1::pg_catalog.text) AS n_bytes,
       n.oid IS NOT NULL AS is_there,
       COALESCE(pg_catalog.has_schema_privilege(n.oid, 'USAGE')
                AND pg_catalog.has_schema_privilege(n.oid, 'CREATE'), false) AS is_usable,
       run.oid IS NOT NULL
         AND reject.oid IS NOT NULL
         AND batch.oid IS NOT NULL
         AND log.oid IS NOT NULL
         AND undo.oid IS NOT NULL
         AND audit.oid IS NOT NULL AS is_complete,
       COALESCE(pg_catalog.has_table_privilege(run.oid, 'SELECT')
                AND pg_catalog.has_table_privilege(run.oid, 'INSERT')
                AND pg_catalog.has_table_privilege(reject.oid, 'INSERT'),
                false) AS is_writable,
       COALESCE(pg_catalog.has_table_privilege(batch.oid, 'SELECT')
                AND pg_catalog.has_table_privilege(batch.oid, 'INSERT')
                AND pg_catalog.has_table_privilege(batch.oid, 'UPDATE')
                AND pg_catalog.has_table_privilege(log.oid, 'INSERT')
                AND pg_catalog.has_table_privilege(undo.oid, 'SELECT')
                AND pg_catalog.has_table_privilege(undo.oid, 'INSERT')
                AND pg_catalog.has_table_privilege(undo.oid, 'UPDATE')
                AND pg_catalog.has_table_privilege(audit.oid, 'INSERT'),
                false) AS has_batches
  FROM (SELECT) AS one
       LEFT JOIN pg_catalog.pg_namespace AS n
         ON n.nspname OPERATOR(pg_catalog.=) $1::pg_catalog.text
       LEFT JOIN pg_catalog.pg_class AS run
         ON run.relnamespace OPERATOR(pg_catalog.=) n.oid
            AND run.relname OPERATOR(pg_catalog.=) 'run'
       LEFT JOIN pg_catalog.pg_class AS reject
         ON reject.relnamespace OPERATOR(pg_catalog.=) n.oid
            AND reject.relname OPERATOR(pg_catalog.=) 'reject'
       LEFT JOIN pg_catalog.pg_class AS batch
         ON batch.relnamespace OPERATOR(pg_catalog.=) n.oid
            AND batch.relname OPERATOR(pg_catalog.=) 'batch'
       LEFT JOIN pg_catalog.pg_class AS log
         ON log.relnamespace OPERATOR(pg_catalog.=) n.oid
            AND log.relname OPERATOR(pg_catalog.=) 'batch_load_log'
       LEFT JOIN pg_catalog.pg_class AS undo
         ON undo.relnamespace OPERATOR(pg_catalog.=) n.oid
            AND undo.relname OPERATOR(pg_catalog.=) 'undo'
       LEFT JOIN pg_catalog.pg_class AS audit
         ON audit.relnamespace OPERATOR(pg_catalog.=) n.oid
            AND audit.relname OPERATOR(pg_catalog.=) 'audit_log'
