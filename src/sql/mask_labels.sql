-- Security labels of columns that PostgreSQL Anonymizer reads. Only asked with
-- --mask-labels.
SELECT l.objoid, a.attname, l.label
  FROM pg_catalog.pg_seclabel AS l
       JOIN pg_catalog.pg_attribute AS a
         ON a.attrelid = l.objoid AND a.attnum = l.objsubid
 WHERE l.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass
   AND l.objsubid > 0
   AND l.provider = 'anon'
   AND NOT a.attisdropped
 ORDER BY l.objoid, l.objsubid
