-- The unique indexes of the tables $1 (oid[]), primary keys first, a row for each part of
-- each. The operator is the index's own equality. Keys WITHOUT OVERLAPS are exclusion
-- constraints. Columns that an index uses are those of its parts, and those that its
-- expressions and its predicate depend on.
WITH RECURSIVE base (oid, type) AS (
       SELECT t.oid, t.oid
         FROM pg_catalog.pg_type AS t
        WHERE t.typtype <> 'd'
       UNION ALL
       SELECT t.oid, base.type
         FROM base
              JOIN pg_catalog.pg_type AS t ON t.typbasetype = base.oid AND t.typtype = 'd'
     )
SELECT i.indrelid,
       i.indexrelid,
       x.relname AS name,
       pg_catalog.format('%I.%I', n.nspname, x.relname) AS qname,
       i.indisprimary AS is_primary,
       EXISTS (SELECT
                 FROM pg_catalog.pg_constraint AS con
                WHERE con.conindid = i.indexrelid
                  AND con.conrelid = i.indrelid
                  AND con.contype IN ('p', 'u')) AS is_constraint,
       NOT i.indimmediate AS is_deferrable,
       COALESCE((pg_catalog.to_jsonb(i) ->> 'indnullsnotdistinct')::pg_catalog.bool, false)
         AS is_null_equal,
       pg_catalog.pg_get_expr(i.indpred, i.indrelid) AS predicate,
       ARRAY(SELECT own.attnum
               FROM pg_catalog.pg_attribute AS own
              WHERE own.attrelid = i.indrelid
                AND own.attnum > 0
                AND NOT own.attisdropped
                AND (own.attnum = ANY ((i.indkey::pg_catalog.int2[])[0:i.indnkeyatts - 1])
                     OR (i.indpred IS NOT NULL OR i.indexprs IS NOT NULL)
                        AND EXISTS (
                              SELECT
                                FROM pg_catalog.pg_depend AS d
                               WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
                                 AND d.objid = i.indexrelid
                                 AND d.refclassid = d.classid
                                 AND d.refobjid = i.indrelid
                                 AND d.refobjsubid = own.attnum))
              ORDER BY own.attnum) AS used_attnums,
       i.indnkeyatts AS n_parts,
       i.indkey[k.position] AS attnum,
       pg_catalog.concat(
         COALESCE(pg_catalog.quote_ident(a.attname),
                  pg_catalog.pg_get_indexdef(i.indexrelid, k.position + 1, false)),
         CASE WHEN xa.atttypid <> base.type AND it.typtype = 'p' -- see columns.sql
           THEN pg_catalog.concat('::', pg_catalog.format_type(base.type, -1))
         END) AS expression,
       pg_catalog.format('OPERATOR(%I.%s)', opn.nspname, op.oprname) AS operator,
       CASE
         WHEN col.oid IS NOT NULL AND col.oid IS DISTINCT FROM a.attcollation
           THEN pg_catalog.format(' COLLATE %I.%I', coln.nspname, col.collname)
         ELSE ''
       END AS collation
  FROM pg_catalog.pg_index AS i
       JOIN pg_catalog.pg_class AS x ON x.oid = i.indexrelid
       JOIN pg_catalog.pg_namespace AS n ON n.oid = x.relnamespace
       JOIN pg_catalog.pg_am AS m ON m.oid = x.relam AND m.amname = 'btree'
       CROSS JOIN LATERAL pg_catalog.generate_series(0, i.indnkeyatts - 1) AS k (position)
       JOIN pg_catalog.pg_opclass AS oc ON oc.oid = i.indclass[k.position]
       JOIN pg_catalog.pg_type AS it ON it.oid = oc.opcintype
       JOIN pg_catalog.pg_attribute AS xa
         ON xa.attrelid = i.indexrelid AND xa.attnum = k.position + 1
       JOIN base ON base.oid = xa.atttypid
       JOIN pg_catalog.pg_amop AS p
         ON p.amopfamily = oc.opcfamily
        AND p.amoplefttype = oc.opcintype
        AND p.amoprighttype = oc.opcintype
        AND p.amopstrategy = 3
       JOIN pg_catalog.pg_operator AS op ON op.oid = p.amopopr
       JOIN pg_catalog.pg_namespace AS opn ON opn.oid = op.oprnamespace
       LEFT JOIN pg_catalog.pg_attribute AS a
         ON a.attrelid = i.indrelid AND a.attnum = i.indkey[k.position] AND a.attnum <> 0
       LEFT JOIN pg_catalog.pg_collation AS col ON col.oid = i.indcollation[k.position]
       LEFT JOIN pg_catalog.pg_namespace AS coln ON coln.oid = col.collnamespace
 WHERE i.indrelid = ANY ($1::pg_catalog.oid[])
   AND i.indisunique
   AND i.indisvalid
   AND NOT i.indisexclusion
 ORDER BY i.indrelid, i.indisprimary DESC, x.relname COLLATE "C", i.indexrelid, k.position
