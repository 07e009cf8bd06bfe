-- Objects that only a superuser can create, each with the reason: what a role that owns
-- its database, and is nothing more, cannot restore. What depends on them is not here.
-- One text for servers 12 to 18: a catalog that came with 15 is named by its oid (6237,
-- pg_publication_namespace), a column that came with 13 is looked up by name.
WITH member AS (
       SELECT d.classid, d.objid
         FROM pg_catalog.pg_depend AS d
        WHERE d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass
          AND d.deptype = 'e'
     ),
     privileged_config AS (
       SELECT DISTINCT p.oid
         FROM pg_catalog.pg_proc AS p,
              pg_catalog.unnest(p.proconfig) AS c (entry)
        WHERE pg_catalog.split_part(c.entry, '=', 1)
                NOT IN ('role', 'session_authorization')
          AND NOT EXISTS (
                SELECT FROM pg_catalog.pg_settings AS s
                 WHERE pg_catalog.lower(s.name)
                         = pg_catalog.lower(pg_catalog.split_part(c.entry, '=', 1))
                   AND s.context = 'user')
     ),
     candidate (classid, objid, reason) AS (
       SELECT e.tableoid, e.oid, 'event trigger'
         FROM pg_catalog.pg_event_trigger AS e
       UNION ALL
       SELECT p.tableoid, p.oid,
              CASE WHEN p.puballtables THEN 'publication of all tables'
                   ELSE 'publication of a schema' END
         FROM pg_catalog.pg_publication AS p
        WHERE p.puballtables
           OR EXISTS (SELECT FROM pg_catalog.pg_depend AS d
                       WHERE d.classid = 6237
                         AND d.refclassid = p.tableoid AND d.refobjid = p.oid)
       UNION ALL
       SELECT l.tableoid, l.oid,
              CASE WHEN l.lanpltrusted THEN 'language that is not an extension'
                   ELSE 'untrusted language' END
         FROM pg_catalog.pg_language AS l
       UNION ALL
       SELECT p.tableoid, p.oid,
              CASE WHEN p.proleakproof THEN 'LEAKPROOF function'
                   WHEN p.prosupport <> 0 THEN 'function with a support function'
                   WHEN a.aggfnoid IS NOT NULL THEN 'aggregate with an internal state'
                   WHEN c.oid IS NOT NULL THEN 'function that changes a protected setting'
                   ELSE pg_catalog.format('function in language %s', l.lanname) END
         FROM pg_catalog.pg_proc AS p
              JOIN pg_catalog.pg_language AS l ON l.oid = p.prolang
              LEFT JOIN pg_catalog.pg_aggregate AS a
                ON a.aggfnoid = p.oid
                   AND 'pg_catalog.internal'::pg_catalog.regtype
                         IN (a.aggtranstype, a.aggmtranstype)
              LEFT JOIN privileged_config AS c ON c.oid = p.oid
        WHERE p.proleakproof
           OR p.prosupport <> 0
           OR a.aggfnoid IS NOT NULL
           OR c.oid IS NOT NULL
           OR (NOT l.lanpltrusted AND p.prokind <> 'a')
       UNION ALL
       SELECT e.tableoid, e.oid, 'untrusted extension'
         FROM pg_catalog.pg_extension AS e
              LEFT JOIN pg_catalog.pg_available_extension_versions AS v
                ON v.name = e.extname AND v.version = e.extversion
        WHERE COALESCE(v.superuser, true)
          AND NOT COALESCE((pg_catalog.to_jsonb(v) ->> 'trusted')::pg_catalog.bool, false)
       UNION ALL
       SELECT t.tableoid, t.oid,
              CASE WHEN t.typisdefined THEN 'base type' ELSE 'shell type' END
         FROM pg_catalog.pg_type AS t
        WHERE (t.typtype = 'b'
               AND NOT EXISTS (SELECT FROM pg_catalog.pg_type AS e
                                WHERE e.oid = t.typelem AND e.typarray = t.oid))
           OR NOT t.typisdefined
       UNION ALL
       SELECT c.tableoid, c.oid,
              CASE WHEN c.castmethod = 'b' THEN 'cast without a function'
                   ELSE 'cast between types of others' END
         FROM pg_catalog.pg_cast AS c
        WHERE c.castmethod = 'b'
           OR NOT EXISTS (
                SELECT FROM pg_catalog.pg_type AS t
                       LEFT JOIN member AS m
                         ON m.classid = t.tableoid AND m.objid IN (t.oid, t.typelem)
                 WHERE t.oid IN (c.castsource, c.casttarget)
                   AND t.oid >= 16384
                   AND m.objid IS NULL)
       UNION ALL
       SELECT o.tableoid, o.oid, 'operator with its own selectivity estimator'
         FROM pg_catalog.pg_operator AS o
        WHERE o.oprrest::pg_catalog.oid >= 16384
           OR o.oprjoin::pg_catalog.oid >= 16384
       UNION ALL
       SELECT t.tableoid, t.oid, 'transform' FROM pg_catalog.pg_transform AS t
       UNION ALL
       SELECT f.tableoid, f.oid, 'foreign data wrapper'
         FROM pg_catalog.pg_foreign_data_wrapper AS f
       UNION ALL
       SELECT a.tableoid, a.oid, 'access method' FROM pg_catalog.pg_am AS a
       UNION ALL
       SELECT o.tableoid, o.oid, 'operator class' FROM pg_catalog.pg_opclass AS o
       UNION ALL
       SELECT o.tableoid, o.oid, 'operator family' FROM pg_catalog.pg_opfamily AS o
       UNION ALL
       SELECT p.tableoid, p.oid, 'text search parser' FROM pg_catalog.pg_ts_parser AS p
       UNION ALL
       SELECT t.tableoid, t.oid, 'text search template'
         FROM pg_catalog.pg_ts_template AS t
     )
SELECT c.classid,
       c.objid,
       c.reason
  FROM candidate AS c
       LEFT JOIN member AS m ON m.classid = c.classid AND m.objid = c.objid
 WHERE c.objid >= 16384
   AND m.objid IS NULL
 ORDER BY c.classid, c.objid
