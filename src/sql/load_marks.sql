-- How the rows of each table are masked, by the last run that has recorded it. The end of a
-- query; before it stands
--     WITH run AS (SELECT ... FROM schema.run)
SELECT DISTINCT ON (u.name)
       u.name,
       u.mark,
       pg_catalog.to_char(r.committed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') AS committed_at
  FROM run AS r
       CROSS JOIN LATERAL ROWS FROM (
         pg_catalog.unnest(r.tables),
         pg_catalog.unnest(r.marks)) AS u (name, mark)
 WHERE u.mark IS NOT NULL
 ORDER BY u.name, r.committed_at DESC
