-- The unique indexes of the tables $1 (oid[]), primary keys first, a row for each part of
-- each. The operator is the index's own equality. Keys WITHOUT OVERLAPS (server 18) are
-- indexes of exclusion constraints: equal values of all parts are the same row there, too.
-- Columns that an index uses are those of its parts, and those that its
-- expressions and its predicate depend on.
WITH RECURSIVE base (oid, type) AS (
       SELECT t.oid, t.oid
         FROM pg_catalog.pg_type AS t
        WHERE t.typtype OPERATOR(pg_catalog.<>) 'd'
       UNION ALL
       SELECT t.oid, base.type
         FROM base
              JOIN pg_catalog.pg_type AS t ON t.typbasetype OPERATOR(pg_catalog.=) base.oid AND t.typtype OPERATOR(pg_catalog.=) 'd'
     ),
     -- apart: the planner takes longer the more it has to join, and longer than the rest
     unique_index AS MATERIALIZED (
       SELECT i.*,
              x.relname,
              x.relnamespace,
              m.amname,
              period.operators
         FROM pg_catalog.pg_index AS i
              JOIN pg_catalog.pg_class AS x ON x.oid OPERATOR(pg_catalog.=) i.indexrelid
              JOIN pg_catalog.pg_am AS m ON m.oid OPERATOR(pg_catalog.=) x.relam
              LEFT JOIN LATERAL (
                SELECT con.conexclop AS operators
                  FROM pg_catalog.pg_constraint AS con
                 WHERE con.conindid OPERATOR(pg_catalog.=) i.indexrelid
                   AND con.conrelid OPERATOR(pg_catalog.=) i.indrelid
                   AND i.indisexclusion
                   AND con.conexclop IS NOT NULL
                   AND (pg_catalog.to_jsonb(con) OPERATOR(pg_catalog.->>) 'conperiod')::pg_catalog.bool) AS period
                ON true
        WHERE i.indrelid OPERATOR(pg_catalog.=) ANY ($1::pg_catalog.oid[])
          AND i.indisunique
          AND i.indisvalid
          AND (m.amname OPERATOR(pg_catalog.=) 'btree' OR period.operators IS NOT NULL)
          AND (NOT i.indisexclusion OR period.operators IS NOT NULL)
     )
SELECT i.indrelid,
       i.indexrelid,
       i.relname AS name,
       pg_catalog.format('%s.%I', i.relnamespace::pg_catalog.regnamespace, i.relname) AS qname,
       i.indisprimary AS is_primary,
       NOT i.indimmediate AS is_deferrable,
       COALESCE((pg_catalog.to_jsonb(i) OPERATOR(pg_catalog.->>) 'indnullsnotdistinct')::pg_catalog.bool, false)
         AS is_null_equal,
       i.operators IS NOT NULL AS is_period,
       pg_catalog.pg_get_expr(i.indpred, i.indrelid) AS predicate,
       ARRAY(SELECT own.attnum
               FROM pg_catalog.pg_attribute AS own
              WHERE own.attrelid OPERATOR(pg_catalog.=) i.indrelid
                AND own.attnum OPERATOR(pg_catalog.>) 0
                AND NOT own.attisdropped
                AND (own.attnum OPERATOR(pg_catalog.=) ANY ((i.indkey::pg_catalog.int2[])[0:i.indnkeyatts OPERATOR(pg_catalog.-) 1])
                     OR (i.indpred IS NOT NULL OR i.indexprs IS NOT NULL)
                        AND EXISTS (
                              SELECT
                                FROM pg_catalog.pg_depend AS d
                               WHERE d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::pg_catalog.regclass
                                 AND d.objid OPERATOR(pg_catalog.=) i.indexrelid
                                 AND d.refclassid OPERATOR(pg_catalog.=) d.classid
                                 AND d.refobjid OPERATOR(pg_catalog.=) i.indrelid
                                 AND d.refobjsubid OPERATOR(pg_catalog.=) own.attnum))
              ORDER BY own.attnum) AS used_attnums,
       i.indnkeyatts AS n_parts,
       i.indkey[k.position] AS attnum,
       pg_catalog.concat(
         COALESCE(pg_catalog.quote_ident(a.attname),
                  pg_catalog.pg_get_indexdef(i.indexrelid, k.position OPERATOR(pg_catalog.+) 1, false)),
         CASE WHEN xa.atttypid OPERATOR(pg_catalog.<>) base.type
                   AND (SELECT it.typtype -- see columns.sql
                          FROM pg_catalog.pg_type AS it
                         WHERE it.oid OPERATOR(pg_catalog.=) oc.opcintype) OPERATOR(pg_catalog.=) 'p'
           THEN (SELECT pg_catalog.format('::%I.%I', bn.nspname, b.typname)
                   FROM pg_catalog.pg_type AS b
                        JOIN pg_catalog.pg_namespace AS bn
                          ON bn.oid OPERATOR(pg_catalog.=) b.typnamespace
                  WHERE b.oid OPERATOR(pg_catalog.=) base.type)
         END) AS expression,
       CASE
         WHEN i.operators IS NOT NULL
              AND k.position OPERATOR(pg_catalog.=) (i.indnkeyatts OPERATOR(pg_catalog.-) 1)
           THEN 'OPERATOR(pg_catalog.=)'
         ELSE pg_catalog.format('OPERATOR(%s.%s)', op.oprnamespace::pg_catalog.regnamespace, op.oprname)
       END AS operator,
       COALESCE(
         (SELECT pg_catalog.format(' COLLATE %s.%I', col.collnamespace::pg_catalog.regnamespace, col.collname)
            FROM pg_catalog.pg_collation AS col
           WHERE col.oid OPERATOR(pg_catalog.=) i.indcollation[k.position]
             AND col.oid OPERATOR(pg_catalog.<>) COALESCE(a.attcollation, 0)), '') AS collation
  FROM unique_index AS i
       CROSS JOIN LATERAL pg_catalog.generate_series(0, i.indnkeyatts OPERATOR(pg_catalog.-) 1) AS k (position)
       JOIN pg_catalog.pg_opclass AS oc ON oc.oid OPERATOR(pg_catalog.=) i.indclass[k.position]
       JOIN pg_catalog.pg_attribute AS xa
         ON xa.attrelid OPERATOR(pg_catalog.=) i.indexrelid AND xa.attnum OPERATOR(pg_catalog.=) (k.position OPERATOR(pg_catalog.+) 1)
       JOIN base ON base.oid OPERATOR(pg_catalog.=) xa.atttypid
       LEFT JOIN pg_catalog.pg_amop AS p
         ON i.amname OPERATOR(pg_catalog.=) 'btree'
        AND p.amopfamily OPERATOR(pg_catalog.=) oc.opcfamily
        AND p.amoplefttype OPERATOR(pg_catalog.=) oc.opcintype
        AND p.amoprighttype OPERATOR(pg_catalog.=) oc.opcintype
        AND p.amopstrategy OPERATOR(pg_catalog.=) 3
       JOIN pg_catalog.pg_operator AS op
         ON op.oid OPERATOR(pg_catalog.=) COALESCE(i.operators[k.position OPERATOR(pg_catalog.+) 1], p.amopopr)
       LEFT JOIN pg_catalog.pg_attribute AS a
         ON a.attrelid OPERATOR(pg_catalog.=) i.indrelid AND a.attnum OPERATOR(pg_catalog.=) i.indkey[k.position] AND a.attnum OPERATOR(pg_catalog.<>) 0
 ORDER BY i.indrelid, i.indisprimary DESC, i.relname COLLATE pg_catalog."C", i.indexrelid, k.position
