-- Unique indexes and exclusion constraints of tables and partitions, with a row for each
-- column that they mention: the key's with their positions, those of expressions and
-- predicates without. Those that a partition has from its parent are the parent's. Before
-- the columns, an index with expressions has the SQL of its key. Only asked when columns
-- are masked.
SELECT i.indexrelid,
       i.indrelid,
       pg_catalog.format('%I.%I', n.nspname, x.relname) AS qname,
       i.indisexclusion AS is_exclusion,
       COALESCE((pg_catalog.to_jsonb(i) ->> 'indnullsnotdistinct')::pg_catalog.bool, false)
         AS nulls_not_distinct,
       pg_catalog.pg_get_expr(i.indpred, i.indrelid) AS predicate,
       CASE WHEN i.indexprs IS NOT NULL THEN (
         SELECT pg_catalog.string_agg(
                  pg_catalog.pg_get_indexdef(i.indexrelid, p.position, false), ', '
                  ORDER BY p.position)
           FROM pg_catalog.generate_series(1, i.indnkeyatts::pg_catalog.int4)
                  AS p (position))
       END AS expressions,
       k.position IS NOT NULL AS is_key,
       a.attname
  FROM pg_catalog.pg_index AS i
       JOIN pg_catalog.pg_class AS x ON x.oid = i.indexrelid
       JOIN pg_catalog.pg_class AS c ON c.oid = i.indrelid
       JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
       CROSS JOIN LATERAL (
         SELECT k.attnum, k.position
           FROM pg_catalog.unnest(i.indkey::pg_catalog.int2[]) WITH ORDINALITY
                  AS k (attnum, position)
          WHERE k.position <= i.indnkeyatts AND k.attnum > 0
          UNION ALL
         SELECT DISTINCT d.refobjsubid::pg_catalog.int2, NULL::pg_catalog.int8
           FROM pg_catalog.pg_depend AS d
          WHERE (i.indexprs IS NOT NULL OR i.indpred IS NOT NULL)
            AND d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
            AND d.objid = i.indexrelid
            AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
            AND d.refobjid = i.indrelid
            AND d.refobjsubid > 0
            AND d.refobjsubid <> ALL (i.indkey::pg_catalog.int2[])
       ) AS k (attnum, position)
       JOIN pg_catalog.pg_attribute AS a
         ON a.attrelid = i.indrelid AND a.attnum = k.attnum
 WHERE (i.indisunique OR i.indisexclusion)
   AND (i.indisvalid OR c.relkind = 'p')
   AND c.relkind IN ('r', 'p')
   AND NOT EXISTS (
         SELECT FROM pg_catalog.pg_inherits AS h WHERE h.inhrelid = i.indexrelid)
   AND n.nspname !~ '^pg_'
   AND n.nspname <> 'information_schema'
 ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C", x.relname COLLATE "C",
          i.indexrelid, k.position, k.attnum
