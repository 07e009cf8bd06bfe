-- The sessions that hold or await a lock which keeps others from reading tables, views and
-- sequences of this database.
SELECT l.pid,
       pg_catalog.format('%I.%I', n.nspname, c.relname) AS relation,
       COALESCE(a.usename, '') AS usename,
       COALESCE(a.query, '') AS query
  FROM pg_catalog.pg_locks AS l
       JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) l.relation
       JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
       LEFT JOIN pg_catalog.pg_stat_activity AS a ON a.pid OPERATOR(pg_catalog.=) l.pid
 WHERE l.locktype OPERATOR(pg_catalog.=) 'relation'
   AND l.mode OPERATOR(pg_catalog.=) 'AccessExclusiveLock'
   AND l.pid OPERATOR(pg_catalog.<>) pg_catalog.pg_backend_pid()
   AND l.database OPERATOR(pg_catalog.=) (SELECT d.oid
                       FROM pg_catalog.pg_database AS d
                      WHERE d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database())
   AND c.relkind OPERATOR(pg_catalog.=) ANY ('{r,p,m,v,f,S}')
 ORDER BY l.granted DESC, l.pid
 LIMIT 5
