-- Are the rows of the tables $1 and $2 in the order of the column $3, most of them, as far as
-- ANALYZE has found; and has the second one triggers of users? Few different values say nothing
-- about the order of the columns that follow in a key.
SELECT (SELECT pg_catalog.count(*) OPERATOR(pg_catalog.=) 2
          FROM pg_catalog.pg_class AS c
               JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
               JOIN pg_catalog.pg_stats AS s
                 ON s.schemaname OPERATOR(pg_catalog.=) n.nspname
                AND s.tablename OPERATOR(pg_catalog.=) c.relname
         WHERE c.oid OPERATOR(pg_catalog.=) ANY (
                 ARRAY[$1, $2]::pg_catalog.regclass[]::pg_catalog.oid[])
           AND s.attname OPERATOR(pg_catalog.=) $3
           AND NOT s.inherited
           AND s.correlation OPERATOR(pg_catalog.>) 0.9
           AND s.n_distinct OPERATOR(pg_catalog.<) 0) AS is_sorted,
       EXISTS (SELECT
                 FROM pg_catalog.pg_trigger AS g
                WHERE g.tgrelid OPERATOR(pg_catalog.=) $2::pg_catalog.regclass
                  AND NOT g.tgisinternal) AS has_triggers
