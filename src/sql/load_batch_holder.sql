-- The process that holds the advisory lock of one argument, $1, in this database.
SELECT l.pid
  FROM pg_catalog.pg_locks AS l
 WHERE l.locktype OPERATOR(pg_catalog.=) 'advisory'
   AND l.objsubid OPERATOR(pg_catalog.=) 1
   AND l.granted
   AND (l.classid::pg_catalog.int8 OPERATOR(pg_catalog.<<) 32)
         OPERATOR(pg_catalog.|) l.objid::pg_catalog.int8
         OPERATOR(pg_catalog.=) $1::pg_catalog.int8
   AND l.database OPERATOR(pg_catalog.=) (
         SELECT d.oid
           FROM pg_catalog.pg_database AS d
          WHERE d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database())
