-- What every connection that reads rows needs, as far as this server knows the setting:
-- the same bytes whatever the user's settings are, and scans that begin at the first block.
SELECT w.name, pg_catalog.set_config(w.name, w.value, $1)
  FROM (VALUES
         ('search_path', ''),
         ('datestyle', 'ISO'),
         ('intervalstyle', 'postgres'),
         ('timezone', 'UTC'),
         ('extra_float_digits', '3'),
         ('bytea_output', 'hex'),
         ('xmlbinary', 'base64'),
         ('standard_conforming_strings', 'on'),
         ('synchronize_seqscans', 'off'),
         ('max_parallel_workers_per_gather', '0'),
         ('jit', 'off'),
         ('quote_all_identifiers', 'off'),
         ('enable_seqscan', 'on'),
         ('enable_indexscan', 'on'),
         ('enable_bitmapscan', 'on'),
         ('enable_tidscan', 'on'),
         ('enable_nestloop', 'on'),
         ('enable_hashjoin', 'on'),
         ('enable_mergejoin', 'on'),
         ('default_transaction_read_only', 'on')) AS w (name, value)
 WHERE pg_catalog.current_setting(w.name, true) IS NOT NULL
