-- CHECK constraints of tables and domains that may look at other rows: they call functions
-- that are not immutable, or that read tables all the same. Functions in C are trusted to
-- be what they are declared to be; what a body reads is recorded only if it is in standard
-- SQL (server 14). Those that come with a parent table are the parent's, except where both
-- have them; parents come first. What was dropped since the snapshot (foreign tables and
-- domains are not locked) is not among them: it has no definition any more.
WITH reader AS (
       SELECT p.oid
         FROM pg_catalog.pg_proc AS p
              JOIN pg_catalog.pg_language AS l ON l.oid = p.prolang
        WHERE p.oid >= 16384
          AND l.lanname NOT IN ('internal', 'c')
          AND (p.provolatile <> 'i'
               OR p.prosrc ~* '\m(from|execute|perform|query)\M'
               OR EXISTS (
                    SELECT
                      FROM pg_catalog.pg_depend AS d
                     WHERE d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass
                       AND d.objid = p.oid
                       AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass))
     ),
     used AS (
       SELECT d.objid AS con, COALESCE(o.oprcode::pg_catalog.oid, d.refobjid) AS proc
         FROM pg_catalog.pg_depend AS d
              LEFT JOIN pg_catalog.pg_operator AS o
                ON d.refclassid = 'pg_catalog.pg_operator'::pg_catalog.regclass
                   AND o.oid = d.refobjid
        WHERE d.classid = 'pg_catalog.pg_constraint'::pg_catalog.regclass
          AND d.refclassid IN ('pg_catalog.pg_proc'::pg_catalog.regclass,
                               'pg_catalog.pg_operator'::pg_catalog.regclass)
     )
SELECT con.oid,
       CASE WHEN con.conrelid <> 0 THEN c.tableoid ELSE t.tableoid END AS owner_class,
       CASE WHEN con.conrelid <> 0 THEN con.conrelid ELSE con.contypid END AS owner,
       CASE WHEN con.conrelid <> 0 THEN 'TABLE' ELSE 'DOMAIN' END AS owner_kind,
       pg_catalog.format('%I.%I', n.nspname, COALESCE(c.relname, t.typname)) AS owner_qname,
       pg_catalog.quote_ident(con.conname) AS qname,
       pg_catalog.pg_get_constraintdef(con.oid) AS definition,
       pg_catalog.obj_description(con.oid, 'pg_constraint') AS comment
  FROM pg_catalog.pg_constraint AS con
       LEFT JOIN pg_catalog.pg_class AS c ON c.oid = con.conrelid
       LEFT JOIN pg_catalog.pg_type AS t ON t.oid = con.contypid
       JOIN pg_catalog.pg_namespace AS n ON n.oid = COALESCE(c.relnamespace, t.typnamespace)
 WHERE con.contype = 'c'
   AND con.convalidated
   AND COALESCE(pg_catalog.pg_table_is_visible(c.oid), pg_catalog.pg_type_is_visible(t.oid))
       IS NOT NULL
   AND (con.coninhcount = 0 OR con.conislocal)
   AND COALESCE((pg_catalog.to_jsonb(con) ->> 'conenforced')::pg_catalog.bool, true)
   AND EXISTS (
         SELECT
           FROM used
                JOIN reader ON reader.oid = used.proc
          WHERE used.con = con.oid)
 ORDER BY con.coninhcount, n.nspname COLLATE "C",
          COALESCE(c.relname, t.typname) COLLATE "C", con.conname COLLATE "C", con.oid
