-- What compares the columns that declared references lead to, and whether an index finds
-- their rows. The end of a query: before it stands
--     WITH wanted (reference, position, type, relation, attnum) AS (VALUES ...)
-- The operator is the equality of the default btree operator class of the column's type,
-- or else of the hash one. A type without a class of its own has that of a type which it
-- is binary coercible to, or of the pseudo-type that it belongs to (GetDefaultOpClass()).
-- Numbers and dates are compared as they are, by the operator for both types: a cast to the
-- column's type might fail, or round a value to one that it does not refer to.
SELECT w.reference,
       w.position,
       CASE
         WHEN is_open.value THEN 'OPERATOR(pg_catalog.=)'
         WHEN op.oid IS NOT NULL
           THEN pg_catalog.format('OPERATOR(%I.%s)', opn.nspname, op.oprname)
       END AS operator,
       CASE WHEN NOT is_open.value
         THEN pg_catalog.format('::%I.%I', tn.nspname, t.typname)
         ELSE ''
       END AS cast_to,
       EXISTS (SELECT
                 FROM pg_catalog.pg_index AS i
                WHERE i.indrelid = w.relation
                  AND i.indisunique
                  AND i.indisvalid
                  AND i.indpred IS NULL
                  AND NOT EXISTS (
                        SELECT
                          FROM pg_catalog.unnest(i.indkey::pg_catalog.int2[])
                                 WITH ORDINALITY AS k (attnum, position)
                         WHERE k.position <= i.indnkeyatts
                           AND k.attnum NOT IN (SELECT v.attnum
                                                  FROM wanted AS v
                                                 WHERE v.reference = w.reference))
              ) AS is_unique,
       EXISTS (SELECT
                 FROM pg_catalog.pg_index AS i
                WHERE i.indrelid = w.relation
                  AND i.indisvalid
                  AND i.indpred IS NULL
                  AND i.indkey[0] IN (SELECT v.attnum
                                        FROM wanted AS v
                                       WHERE v.reference = w.reference)
              ) AS is_indexed
  FROM wanted AS w
       JOIN pg_catalog.pg_type AS t ON t.oid = w.type
       JOIN pg_catalog.pg_namespace AS tn ON tn.oid = t.typnamespace
       CROSS JOIN LATERAL (
         SELECT t.typcategory IN ('N', 'D') AND tn.nspname = 'pg_catalog') AS is_open (value)
       LEFT JOIN LATERAL (
         SELECT a.amopopr
           FROM pg_catalog.pg_opclass AS oc
                JOIN pg_catalog.pg_type AS it ON it.oid = oc.opcintype
                JOIN pg_catalog.pg_am AS m ON m.oid = oc.opcmethod
                JOIN pg_catalog.pg_amop AS a
                  ON a.amopfamily = oc.opcfamily
                 AND a.amoplefttype = oc.opcintype
                 AND a.amoprighttype = oc.opcintype
                 AND (m.amname, a.amopstrategy) IN (('btree', 3), ('hash', 1))
          WHERE oc.opcdefault
            AND (it.oid = t.oid
                 OR it.oid = 'pg_catalog.anyarray'::pg_catalog.regtype
                    AND EXISTS (SELECT FROM pg_catalog.pg_type AS e WHERE e.typarray = t.oid)
                 OR (it.typname, t.typtype) IN (('anyenum', 'e'), ('anyrange', 'r'),
                                                ('anymultirange', 'm'), ('record', 'c'))
                    AND it.typnamespace = 'pg_catalog'::pg_catalog.regnamespace
                 OR EXISTS (SELECT
                              FROM pg_catalog.pg_cast AS c
                             WHERE c.castsource = t.oid
                               AND c.casttarget = it.oid
                               AND c.castmethod = 'b'
                               AND c.castcontext = 'i'))
          ORDER BY m.amname, it.oid = t.oid DESC, it.typispreferred DESC, oc.oid
          LIMIT 1) AS equality ON true
       LEFT JOIN pg_catalog.pg_operator AS op ON op.oid = equality.amopopr
       LEFT JOIN pg_catalog.pg_namespace AS opn ON opn.oid = op.oprnamespace
 ORDER BY w.reference, w.position
