-- Constraints of partitioned tables and of their partitions that are of exclusion (EXCLUDE
-- since server 17, WITHOUT OVERLAPS since 18). The server does not attach the index of a
-- partition to such a constraint of its parent, which pg_dump's statements ask for.
SELECT con.oid,
       'pg_catalog.pg_class'::pg_catalog.regclass::pg_catalog.oid AS owner_class,
       con.conrelid AS owner,
       'TABLE' AS owner_kind,
       pg_catalog.format('%I.%I', n.nspname, c.relname) AS owner_qname,
       pg_catalog.quote_ident(con.conname) AS qname,
       pg_catalog.pg_get_constraintdef(con.oid) AS definition,
       pg_catalog.obj_description(con.oid, 'pg_constraint') AS comment,
       con.conparentid = 0 AS is_root,
       n.nspname AS schema,
       x.relname AS index
  FROM pg_catalog.pg_constraint AS con
       JOIN pg_catalog.pg_class AS c ON c.oid = con.conrelid
       JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
       JOIN pg_catalog.pg_index AS i ON i.indexrelid = con.conindid
       JOIN pg_catalog.pg_class AS x ON x.oid = i.indexrelid
 WHERE con.contype IN ('p', 'u', 'x')
   AND i.indisexclusion
   AND (con.conparentid <> 0 OR c.relkind = 'p')
 ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C", con.conname COLLATE "C", con.oid
