-- What the foreign keys $1 (oid[]) do when a referenced row goes or changes its key.
SELECT con.oid, con.confdeltype, con.condeferrable
  FROM pg_catalog.pg_constraint AS con
 WHERE con.oid OPERATOR(pg_catalog.=) ANY ($1::pg_catalog.oid[])
   AND COALESCE((pg_catalog.to_jsonb(con) OPERATOR(pg_catalog.->>) 'conenforced')::pg_catalog.bool, true)
 ORDER BY con.conrelid::pg_catalog.regclass::pg_catalog.text COLLATE pg_catalog."C",
          con.conname COLLATE pg_catalog."C"
