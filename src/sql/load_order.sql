-- The order of values of the column $2 of the table $1: operators of the default btree
-- operator class of its type, as ORDER BY uses it. No row where there is none.
WITH RECURSIVE base (type) AS (
       SELECT a.atttypid
         FROM pg_catalog.pg_attribute AS a
        WHERE a.attrelid = $1::pg_catalog.oid
          AND a.attnum = $2::pg_catalog.int2
       UNION ALL
       SELECT t.typbasetype
         FROM base
              JOIN pg_catalog.pg_type AS t ON t.oid = base.type
        WHERE t.typtype = 'd'
     ),
     class AS (
       SELECT c.opcfamily, c.opcintype
         FROM base
              JOIN pg_catalog.pg_type AS t ON t.oid = base.type AND t.typtype <> 'd'
              CROSS JOIN pg_catalog.pg_opclass AS c
              JOIN pg_catalog.pg_am AS m ON m.oid = c.opcmethod AND m.amname = 'btree'
              JOIN pg_catalog.pg_type AS i ON i.oid = c.opcintype
        WHERE c.opcdefault
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
        ORDER BY c.opcintype = t.oid DESC, i.typispreferred DESC, c.oid
        LIMIT 1
     ),
     strategy AS (
       SELECT p.amopstrategy,
              pg_catalog.format('OPERATOR(%I.%s)', n.nspname, o.oprname) AS operator
         FROM class
              JOIN pg_catalog.pg_amop AS p
                ON p.amopfamily = class.opcfamily
               AND p.amoplefttype = class.opcintype
               AND p.amoprighttype = class.opcintype
              JOIN pg_catalog.pg_operator AS o ON o.oid = p.amopopr
              JOIN pg_catalog.pg_namespace AS n ON n.oid = o.oprnamespace
        WHERE p.amopstrategy BETWEEN 1 AND 5
     )
SELECT pg_catalog.max(operator) FILTER (WHERE amopstrategy = 1) AS less,
       pg_catalog.max(operator) FILTER (WHERE amopstrategy = 2) AS less_or_equal,
       pg_catalog.max(operator) FILTER (WHERE amopstrategy = 5) AS greater,
       pg_catalog.max(operator) FILTER (WHERE amopstrategy = 4) AS greater_or_equal,
       pg_catalog.max(operator) FILTER (WHERE amopstrategy = 3) AS equal
  FROM strategy
