-- Facts about the server that decide how the run goes; one row.
SELECT pg_catalog.pg_is_in_recovery() AS is_standby,
       pg_catalog.current_setting('max_locks_per_transaction')::int
         * (pg_catalog.current_setting('max_connections')::int
            + pg_catalog.current_setting('max_prepared_transactions')::int) AS lock_slots,
       (SELECT pg_catalog.count(*)
          FROM pg_catalog.pg_locks
         WHERE NOT fastpath) AS lock_slots_used,
       pg_catalog.current_setting('block_size')::int AS block_size,
       pg_catalog.has_function_privilege('pg_catalog.pg_control_system()', 'EXECUTE')
         AS has_identity
