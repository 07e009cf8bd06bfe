-- Sessions of pg-sample-load in this database, besides this one.
SELECT a.pid,
       a.application_name,
       COALESCE(a.state, '') AS state,
       COALESCE(pg_catalog.date_trunc(
                  'second', pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) a.xact_start
                )::pg_catalog.text, '') AS transaction_age,
       COALESCE(a.wait_event_type, '') AS waits_for,
       pg_catalog.left(pg_catalog.regexp_replace(COALESCE(a.query, ''), '\s+', ' ', 'g'),
                       60) AS query
  FROM pg_catalog.pg_stat_activity AS a
 WHERE a.application_name OPERATOR(pg_catalog.~) '^pg-sample-load'
   AND a.datname OPERATOR(pg_catalog.=) pg_catalog.current_database()
   AND a.pid OPERATOR(pg_catalog.<>) pg_catalog.pg_backend_pid()
 ORDER BY a.pid
