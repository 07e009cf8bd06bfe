-- The order of values of the column $2 of the table $1: operators of the default btree
-- operator class of its type, as ORDER BY uses it. No row where there is none.
WITH RECURSIVE base (type) AS (
       SELECT a.atttypid
         FROM pg_catalog.pg_attribute AS a
        WHERE a.attrelid OPERATOR(pg_catalog.=) $1::pg_catalog.oid
          AND a.attnum OPERATOR(pg_catalog.=) $2::pg_catalog.int2
       UNION ALL
       SELECT t.typbasetype
         FROM base
              JOIN pg_catalog.pg_type AS t ON t.oid OPERATOR(pg_catalog.=) base.type
        WHERE t.typtype OPERATOR(pg_catalog.=) 'd'
     ),
     class AS (
       SELECT c.opcfamily, c.opcintype
         FROM base
              JOIN pg_catalog.pg_type AS t ON t.oid OPERATOR(pg_catalog.=) base.type AND t.typtype OPERATOR(pg_catalog.<>) 'd'
              CROSS JOIN pg_catalog.pg_opclass AS c
              JOIN pg_catalog.pg_am AS m ON m.oid OPERATOR(pg_catalog.=) c.opcmethod AND m.amname OPERATOR(pg_catalog.=) 'btree'
              JOIN pg_catalog.pg_type AS i ON i.oid OPERATOR(pg_catalog.=) c.opcintype
        WHERE c.opcdefault
          AND (c.opcintype OPERATOR(pg_catalog.=) t.oid
               OR i.typname OPERATOR(pg_catalog.=) 'anyenum' AND t.typtype OPERATOR(pg_catalog.=) 'e'
               OR i.typname OPERATOR(pg_catalog.=) 'anyarray' AND t.typelem OPERATOR(pg_catalog.<>) 0 AND t.typlen OPERATOR(pg_catalog.=) -1
               OR i.typname OPERATOR(pg_catalog.=) 'anyrange' AND t.typtype OPERATOR(pg_catalog.=) 'r'
               OR i.typname OPERATOR(pg_catalog.=) 'anymultirange' AND t.typtype OPERATOR(pg_catalog.=) 'm'
               OR i.typname OPERATOR(pg_catalog.=) 'record' AND t.typtype OPERATOR(pg_catalog.=) 'c'
               OR EXISTS (SELECT
                            FROM pg_catalog.pg_cast AS k
                           WHERE k.castsource OPERATOR(pg_catalog.=) t.oid
                             AND k.casttarget OPERATOR(pg_catalog.=) c.opcintype
                             AND k.castmethod OPERATOR(pg_catalog.=) 'b'
                             AND k.castcontext OPERATOR(pg_catalog.=) 'i'))
        ORDER BY c.opcintype OPERATOR(pg_catalog.=) t.oid DESC, i.typispreferred DESC, c.oid
        LIMIT 1
     ),
     strategy AS (
       SELECT p.amopstrategy,
              pg_catalog.format('OPERATOR(%I.%s)', n.nspname, o.oprname) AS operator
         FROM class
              JOIN pg_catalog.pg_amop AS p
                ON p.amopfamily OPERATOR(pg_catalog.=) class.opcfamily
               AND p.amoplefttype OPERATOR(pg_catalog.=) class.opcintype
               AND p.amoprighttype OPERATOR(pg_catalog.=) class.opcintype
              JOIN pg_catalog.pg_operator AS o ON o.oid OPERATOR(pg_catalog.=) p.amopopr
              JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) o.oprnamespace
        WHERE p.amopstrategy OPERATOR(pg_catalog.<=) 5
     )
SELECT pg_catalog.max(operator) FILTER (WHERE amopstrategy OPERATOR(pg_catalog.=) 1) AS less,
       pg_catalog.max(operator) FILTER (WHERE amopstrategy OPERATOR(pg_catalog.=) 2) AS less_or_equal,
       pg_catalog.max(operator) FILTER (WHERE amopstrategy OPERATOR(pg_catalog.=) 5) AS greater,
       pg_catalog.max(operator) FILTER (WHERE amopstrategy OPERATOR(pg_catalog.=) 4) AS greater_or_equal,
       pg_catalog.max(operator) FILTER (WHERE amopstrategy OPERATOR(pg_catalog.=) 3) AS equal
  FROM strategy
