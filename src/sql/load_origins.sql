-- Schemas whose tables are loaded from another database now than they were by the last run
-- that recorded it. The end of a query: before it stands
--     WITH run AS (SELECT ... FROM schema.run),
--          batch AS (SELECT ... AS tables, ... AS sources)
     , was AS (
       SELECT DISTINCT ON (s.schema) s.schema, u.source, r.committed_at
         FROM run AS r
              CROSS JOIN LATERAL ROWS FROM (
                pg_catalog.unnest(r.tables),
                pg_catalog.unnest(r.sources)) AS u (name, source)
              CROSS JOIN LATERAL (SELECT (pg_catalog.parse_ident(u.name))[1]) AS s (schema)
        WHERE u.source IS NOT NULL
        ORDER BY s.schema, r.committed_at DESC
     )
SELECT was.schema,
       pg_catalog.to_char(pg_catalog.max(was.committed_at) AT TIME ZONE 'UTC',
                          'YYYY-MM-DD HH24:MI:SS') AS committed_at,
       pg_catalog.max(was.source) AS source,
       pg_catalog.min(u.source) AS new_source
  FROM batch AS b
       CROSS JOIN LATERAL ROWS FROM (
         pg_catalog.unnest(b.tables),
         pg_catalog.unnest(b.sources)) AS u (name, source)
       JOIN was
         ON was.schema OPERATOR(pg_catalog.=) (pg_catalog.parse_ident(u.name))[1]
        AND was.source OPERATOR(pg_catalog.<>) u.source
 GROUP BY was.schema
 ORDER BY was.schema COLLATE pg_catalog."C"
