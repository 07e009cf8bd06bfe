-- Every object that lives in a schema and can be chosen on its own, with its schema and
-- name. What belongs to a table (indexes, owned sequences, constraints ...) follows it.
SELECT o.classid, o.objid, n.nspname AS schema, o.name
  FROM (SELECT c.tableoid AS classid, c.oid AS objid, c.relnamespace AS nsp, c.relname AS name
          FROM pg_catalog.pg_class AS c
         WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
            OR (c.relkind = 'S'
                AND NOT EXISTS (
                      SELECT
                        FROM pg_catalog.pg_depend AS d
                       WHERE d.classid = c.tableoid AND d.objid = c.oid AND d.objsubid = 0
                         AND d.refclassid = c.tableoid AND d.refobjsubid > 0
                         AND d.deptype IN ('a', 'i')))
        UNION ALL
        SELECT t.tableoid, t.oid, t.typnamespace, t.typname
          FROM pg_catalog.pg_type AS t
         WHERE t.typrelid = 0
            OR EXISTS (SELECT FROM pg_catalog.pg_class AS c
                        WHERE c.oid = t.typrelid AND c.relkind = 'c')
        UNION ALL
        SELECT p.tableoid, p.oid, p.pronamespace, p.proname FROM pg_catalog.pg_proc AS p
        UNION ALL
        SELECT o.tableoid, o.oid, o.oprnamespace, o.oprname FROM pg_catalog.pg_operator AS o
        UNION ALL
        SELECT c.tableoid, c.oid, c.collnamespace, c.collname FROM pg_catalog.pg_collation AS c
        UNION ALL
        SELECT c.tableoid, c.oid, c.connamespace, c.conname FROM pg_catalog.pg_conversion AS c
        UNION ALL
        SELECT o.tableoid, o.oid, o.opcnamespace, o.opcname FROM pg_catalog.pg_opclass AS o
        UNION ALL
        SELECT o.tableoid, o.oid, o.opfnamespace, o.opfname FROM pg_catalog.pg_opfamily AS o
        UNION ALL
        SELECT t.tableoid, t.oid, t.cfgnamespace, t.cfgname FROM pg_catalog.pg_ts_config AS t
        UNION ALL
        SELECT t.tableoid, t.oid, t.dictnamespace, t.dictname FROM pg_catalog.pg_ts_dict AS t
        UNION ALL
        SELECT t.tableoid, t.oid, t.prsnamespace, t.prsname FROM pg_catalog.pg_ts_parser AS t
        UNION ALL
        SELECT t.tableoid, t.oid, t.tmplnamespace, t.tmplname FROM pg_catalog.pg_ts_template AS t
       ) AS o
       JOIN pg_catalog.pg_namespace AS n ON n.oid = o.nsp
 WHERE n.nspname !~ '^pg_'
   AND n.nspname <> 'information_schema'
