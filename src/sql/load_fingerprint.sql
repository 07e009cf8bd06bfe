-- A text that changes when the definition of the table $1 does: the table itself, its
-- columns, constraints of it and to it, unique indexes, triggers, rules, row security. A
-- constraint that is only validated in the meantime stays the same; so does a table that
-- is rewritten.
WITH part (kind, item) AS (
       SELECT 'table',
              pg_catalog.concat_ws(' ', c.oid, c.relname, c.relnamespace, c.relkind,
                                   c.relispartition, c.relrowsecurity,
                                   c.relforcerowsecurity)
         FROM pg_catalog.pg_class AS c
        WHERE c.oid OPERATOR(pg_catalog.=) $1::pg_catalog.oid
       UNION ALL
       SELECT 'column',
              pg_catalog.concat_ws(' ', a.attnum, pg_catalog.quote_ident(a.attname),
                                   a.atttypid, a.atttypmod, a.attcollation, a.attnotnull,
                                   a.attgenerated, a.attidentity,
                                   pg_catalog.pg_get_expr(d.adbin, d.adrelid))
         FROM pg_catalog.pg_attribute AS a
              LEFT JOIN pg_catalog.pg_attrdef AS d
                ON d.adrelid OPERATOR(pg_catalog.=) a.attrelid AND d.adnum OPERATOR(pg_catalog.=) a.attnum
        WHERE a.attrelid OPERATOR(pg_catalog.=) $1::pg_catalog.oid
          AND a.attnum OPERATOR(pg_catalog.>) 0
          AND NOT a.attisdropped
       UNION ALL
       SELECT 'constraint',
              pg_catalog.concat_ws(' ', con.oid, pg_catalog.quote_ident(con.conname),
                                   con.conrelid, con.confrelid,
                                   pg_catalog.regexp_replace(
                                     pg_catalog.pg_get_constraintdef(con.oid),
                                     ' NOT VALID$', ''))
         FROM pg_catalog.pg_constraint AS con
        WHERE (con.conrelid OPERATOR(pg_catalog.=) $1::pg_catalog.oid OR con.confrelid OPERATOR(pg_catalog.=) $1::pg_catalog.oid)
          AND con.contype OPERATOR(pg_catalog.<>) 'n'
       UNION ALL
       SELECT 'index', pg_catalog.pg_get_indexdef(i.indexrelid)
         FROM pg_catalog.pg_index AS i
        WHERE i.indrelid OPERATOR(pg_catalog.=) $1::pg_catalog.oid
          AND i.indisunique
          AND i.indisvalid
       UNION ALL
       SELECT 'trigger',
              pg_catalog.concat_ws(' ', g.tgenabled, g.tgfoid,
                                   pg_catalog.pg_get_triggerdef(g.oid))
         FROM pg_catalog.pg_trigger AS g
        WHERE g.tgrelid OPERATOR(pg_catalog.=) $1::pg_catalog.oid
          AND NOT g.tgisinternal
       UNION ALL
       SELECT 'rule',
              pg_catalog.concat_ws(' ', r.ev_enabled, pg_catalog.pg_get_ruledef(r.oid))
         FROM pg_catalog.pg_rewrite AS r
        WHERE r.ev_class OPERATOR(pg_catalog.=) $1::pg_catalog.oid
     )
SELECT pg_catalog.md5(
         COALESCE(pg_catalog.string_agg(kind OPERATOR(pg_catalog.||) ' ' OPERATOR(pg_catalog.||) item, E'\n'
                                        ORDER BY kind COLLATE pg_catalog."C", item COLLATE pg_catalog."C"), ''))
  FROM part
