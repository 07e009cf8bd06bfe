-- CHECK constraints that new rows must satisfy: a row for each column that they use (NULL:
-- the row as a whole). Those that a partition has from its parent are the parent's. Only
-- asked when columns are masked.
SELECT con.oid,
       con.conrelid,
       pg_catalog.quote_ident(con.conname) AS qname,
       pg_catalog.quote_ident(c.relname) AS alias,
       pg_catalog.pg_get_expr(con.conbin, con.conrelid) AS expression,
       a.attname
  FROM pg_catalog.pg_constraint AS con
       JOIN pg_catalog.pg_class AS c ON c.oid = con.conrelid
       JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
       CROSS JOIN LATERAL pg_catalog.unnest(con.conkey) AS k (attnum)
       LEFT JOIN pg_catalog.pg_attribute AS a
         ON a.attrelid = con.conrelid AND a.attnum = k.attnum AND a.attnum > 0
 WHERE con.contype = 'c'
   AND c.relkind IN ('r', 'p')
   AND NOT (c.relispartition AND con.coninhcount > 0)
   AND COALESCE((pg_catalog.to_jsonb(con) ->> 'conenforced')::pg_catalog.bool, true)
   AND n.nspname !~ '^pg_'
   AND n.nspname <> 'information_schema'
 ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C", con.conname COLLATE "C", con.oid,
          k.attnum
