-- How values of columns of the table $1 are compared with each other: the equality of the
-- default operator class of each column's type, which is what a unique index on it uses
-- (GetDefaultOpClass(), indexcmds.c). One row for each column that has one.
WITH RECURSIVE base (oid, type) AS (
       SELECT t.oid, t.oid
         FROM pg_catalog.pg_type AS t
        WHERE t.typtype <> 'd'
       UNION ALL
       SELECT t.oid, base.type
         FROM base
              JOIN pg_catalog.pg_type AS t ON t.typbasetype = base.oid AND t.typtype = 'd'
     )
SELECT a.attnum,
       pg_catalog.format('OPERATOR(%I.%s)', e.nspname, e.oprname) AS operator
  FROM pg_catalog.pg_attribute AS a
       JOIN base ON base.oid = a.atttypid
       JOIN pg_catalog.pg_type AS t ON t.oid = base.type
       CROSS JOIN LATERAL (
         SELECT n.nspname, o.oprname
           FROM pg_catalog.pg_opclass AS c
                JOIN pg_catalog.pg_am AS m ON m.oid = c.opcmethod
                JOIN pg_catalog.pg_amop AS p
                  ON p.amopfamily = c.opcfamily
                 AND p.amoplefttype = c.opcintype
                 AND p.amoprighttype = c.opcintype
                 AND p.amopstrategy = CASE m.amname WHEN 'btree' THEN 3 ELSE 1 END
                JOIN pg_catalog.pg_operator AS o ON o.oid = p.amopopr
                JOIN pg_catalog.pg_namespace AS n ON n.oid = o.oprnamespace
                JOIN pg_catalog.pg_type AS i ON i.oid = c.opcintype
          WHERE c.opcdefault
            AND m.amname IN ('btree', 'hash')
            AND (c.opcintype = t.oid
                 OR i.typname = 'anyenum' AND t.typtype = 'e'
                 OR i.typname = 'anyarray' AND t.typelem <> 0 AND t.typlen = -1
                 OR i.typname = 'anyrange' AND t.typtype = 'r'
                 OR i.typname = 'anymultirange' AND t.typtype = 'm'
                 OR i.typname = 'record' AND t.typtype = 'c'
                 OR EXISTS (SELECT
                              FROM pg_catalog.pg_cast AS k
                             WHERE k.castsource = t.oid
                               AND k.casttarget = c.opcintype
                               AND k.castmethod = 'b'
                               AND k.castcontext = 'i'))
          ORDER BY c.opcintype = t.oid DESC, i.typispreferred DESC, m.amname = 'btree' DESC,
                   c.oid
          LIMIT 1) AS e
 WHERE a.attrelid = $1
   AND a.attnum > 0
   AND NOT a.attisdropped
