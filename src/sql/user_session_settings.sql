-- The connection for the user's own SQL keeps the user's settings (search_path, DateStyle
-- and TimeZone decide what a condition means), except for what makes runs differ or end.
SELECT w.name, pg_catalog.set_config(w.name, w.value, $1)
  FROM (VALUES
         ('synchronize_seqscans', 'off'),
         ('max_parallel_workers_per_gather', '0'),
         ('default_transaction_read_only', 'on')) AS w (name, value)
 WHERE pg_catalog.current_setting(w.name, true) IS NOT NULL
