-- CHECK constraints of the tables $1 (oid[]). An attribute number 0 is the row as a whole.
SELECT con.conrelid,
       con.conname AS name,
       pg_catalog.pg_get_expr(con.conbin, con.conrelid) AS expression,
       COALESCE(con.conkey, '{}') AS attnums,
       COALESCE(0 OPERATOR(pg_catalog.>=) ANY (con.conkey), false) AS has_whole_row
  FROM pg_catalog.pg_constraint AS con
 WHERE con.conrelid OPERATOR(pg_catalog.=) ANY ($1::pg_catalog.oid[])
   AND con.contype OPERATOR(pg_catalog.=) 'c'
   AND COALESCE((pg_catalog.to_jsonb(con) OPERATOR(pg_catalog.->>) 'conenforced')::pg_catalog.bool, true)
 ORDER BY con.conrelid, con.conname COLLATE pg_catalog."C"
