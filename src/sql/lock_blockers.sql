-- Who holds or awaits a lock that keeps us from reading tables of this database.
SELECT l.pid,
       pg_catalog.format('%I.%I', n.nspname, c.relname) AS relation,
       COALESCE(a.usename, '') AS usename,
       COALESCE(a.query, '') AS query
  FROM pg_catalog.pg_locks AS l
       JOIN pg_catalog.pg_class AS c ON c.oid = l.relation
       JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
       LEFT JOIN pg_catalog.pg_stat_activity AS a ON a.pid = l.pid
 WHERE l.locktype = 'relation'
   AND l.mode = 'AccessExclusiveLock'
   AND l.pid <> pg_catalog.pg_backend_pid()
   AND l.database = (SELECT d.oid
                       FROM pg_catalog.pg_database AS d
                      WHERE d.datname = pg_catalog.current_database())
   AND c.relkind IN ('r', 'p')
 ORDER BY l.granted DESC, l.pid
 LIMIT 5
