-- Expressions that a restore evaluates, and materialized views, which use functions that
-- look names up when they are called, in the order in which they are tried: a query for
-- each that evaluates them with some rows. Domains stand in the columns that have them.
-- is_trusted: the table's owner can run code with the privileges of this role anyway.
WITH function AS (
       SELECT p.oid
         FROM pg_catalog.pg_proc AS p
              JOIN pg_catalog.pg_language AS l ON l.oid = p.prolang
        WHERE p.oid >= 16384
          AND l.lanname NOT IN ('c', 'internal')
          AND NOT EXISTS (
                SELECT
                  FROM pg_catalog.unnest(p.proconfig) AS c (entry)
                 WHERE c.entry LIKE 'search_path=%')
     ),
     dependent AS (
       SELECT d.classid, d.objid, d.objsubid
         FROM pg_catalog.pg_depend AS d
              JOIN function AS f ON f.oid = d.refobjid
        WHERE d.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass
       UNION
       SELECT d.classid, d.objid, d.objsubid
         FROM pg_catalog.pg_depend AS d
              JOIN pg_catalog.pg_operator AS o ON o.oid = d.refobjid
              JOIN function AS f ON f.oid = o.oprcode
        WHERE d.refclassid = 'pg_catalog.pg_operator'::pg_catalog.regclass
     ),
     expression (place, kind, name, relation, text) AS (
       SELECT 1, 'index', c.relname, i.indrelid,
              pg_catalog.concat_ws(', ', pg_catalog.pg_get_expr(i.indexprs, i.indrelid),
                                   pg_catalog.pg_get_expr(i.indpred, i.indrelid))
         FROM dependent AS d
              JOIN pg_catalog.pg_index AS i ON i.indexrelid = d.objid
              JOIN pg_catalog.pg_class AS c ON c.oid = i.indexrelid
        WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
          AND NOT c.relispartition
       UNION ALL
       SELECT DISTINCT 2, 'generated column', a.attname, a.attrelid,
              pg_catalog.pg_get_expr(e.adbin, e.adrelid)
         FROM dependent AS d
              JOIN pg_catalog.pg_attrdef AS e
                ON (d.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass
                    AND e.oid = d.objid)
                   -- before server 15
                   OR (d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
                       AND e.adrelid = d.objid AND e.adnum = d.objsubid)
              JOIN pg_catalog.pg_attribute AS a
                ON a.attrelid = e.adrelid AND a.attnum = e.adnum
        WHERE a.attgenerated <> ''
       UNION ALL
       SELECT 3, 'constraint', k.conname, k.conrelid,
              pg_catalog.pg_get_expr(k.conbin, k.conrelid)
         FROM dependent AS d
              JOIN pg_catalog.pg_constraint AS k ON k.oid = d.objid
        WHERE d.classid = 'pg_catalog.pg_constraint'::pg_catalog.regclass
          AND k.conrelid <> 0
       UNION ALL
       SELECT DISTINCT 4, 'column', a.attname, a.attrelid,
              pg_catalog.format('%I::pg_catalog.text::%s', a.attname,
                                pg_catalog.format_type(a.atttypid, a.atttypmod))
         FROM dependent AS d
              JOIN pg_catalog.pg_constraint AS k ON k.oid = d.objid
              JOIN pg_catalog.pg_attribute AS a ON a.atttypid = k.contypid
        WHERE d.classid = 'pg_catalog.pg_constraint'::pg_catalog.regclass
          AND k.contypid <> 0
          AND NOT a.attisdropped
       UNION ALL
       SELECT DISTINCT 5, 'trigger', t.tgname, t.tgrelid,
              pg_catalog.substring(pg_catalog.pg_get_triggerdef(t.oid),
                                   ' WHEN (\(.*\)) EXECUTE ')
         FROM dependent AS d
              JOIN pg_catalog.pg_trigger AS t ON t.oid = d.objid
        WHERE d.classid = 'pg_catalog.pg_trigger'::pg_catalog.regclass
          AND t.tgqual IS NOT NULL
          AND t.tgenabled IN ('O', 'A')
          AND t.tgtype & 5 = 5 -- for each row, on INSERT
       UNION ALL
       SELECT 6, 'materialized view', NULL, r.ev_class, NULL
         FROM dependent AS d
              JOIN pg_catalog.pg_rewrite AS r ON r.oid = d.objid
        WHERE d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass
     )
SELECT e.kind,
       e.name,
       c.oid,
       n.nspname AS schema,
       c.relname AS relation,
       pg_catalog.format('%I.%I', n.nspname, c.relname) AS qname,
       CASE
         WHEN e.text IS NOT NULL
           THEN pg_catalog.format('SELECT pg_catalog.count(ROW(%s))'
                                  ' FROM (SELECT * FROM %s%I.%I LIMIT 100) AS %I',
                                  e.text, CASE WHEN c.relkind = 'r' THEN 'ONLY ' END,
                                  n.nspname, c.relname,
                                  CASE WHEN e.kind = 'trigger' THEN 'new'
                                       ELSE c.relname END)
         ELSE 'EXPLAIN ' || pg_catalog.pg_get_viewdef(c.oid)
       END AS query,
       CASE
         WHEN e.kind = 'index'
           THEN pg_catalog.format('EXPLAIN SELECT FROM %s%I.%I',
                                  CASE WHEN c.relkind = 'r' THEN 'ONLY ' END, n.nspname,
                                  c.relname)
       END AS reading,
       o.rolsuper OR o.rolname = current_user AS is_trusted
  FROM expression AS e
       JOIN pg_catalog.pg_class AS c ON c.oid = e.relation
       JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
       JOIN pg_catalog.pg_roles AS o ON o.oid = c.relowner
 WHERE CASE WHEN e.text IS NULL THEN c.relkind = 'm'
            ELSE c.relkind IN ('r', 'p') AND (e.kind = 'index' OR NOT c.relispartition) END
   AND c.relpersistence <> 't'
   AND n.nspname !~ '^pg_'
   AND n.nspname <> 'information_schema'
 ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C", e.place, e.name COLLATE "C"
