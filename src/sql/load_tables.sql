-- The role's tables of runs of pg-sample-load in the schema $1; is_old: began more than the
-- interval $2 ago. Those without a comment were just made, or their run was killed when they were.
-- Undo tables are no tables of a run: what was committed has them.
SELECT t.name,
       t.qname,
       t.facts OPERATOR(pg_catalog.->>) 'target' AS target,
       t.facts OPERATOR(pg_catalog.->>) 'what' AS what,
       t.facts OPERATOR(pg_catalog.->>) 'run' AS run,
       COALESCE(t.facts OPERATOR(pg_catalog.->>) 'state', '') AS state,
       COALESCE((t.facts OPERATOR(pg_catalog.->>) 'lock')::pg_catalog.int4, 0) AS lock,
       (t.facts OPERATOR(pg_catalog.->>) 'rows')::pg_catalog.int8 AS n_rows,
       t.facts OPERATOR(pg_catalog.->>) 'origin' AS origin,
       t.facts OPERATOR(pg_catalog.->>) 'mark' AS mark,
       pg_catalog.pg_size_pretty(t.size) AS size,
       t.size OPERATOR(pg_catalog.=) 0 AS is_empty,
       pg_catalog.date_trunc('second', pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) t.started) AS age,
       CASE WHEN t.facts IS NULL
            THEN t.started OPERATOR(pg_catalog.>)
                 (pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) '1 hour'::pg_catalog.interval)
            ELSE EXISTS (
                   SELECT
                     FROM pg_catalog.pg_locks AS l
                    WHERE l.locktype OPERATOR(pg_catalog.=) 'advisory'
                      AND l.classid OPERATOR(pg_catalog.=) 1347636292::pg_catalog.oid
                      AND l.objid OPERATOR(pg_catalog.=)
                          (t.facts OPERATOR(pg_catalog.->>) 'lock')::pg_catalog.oid
                      AND l.objsubid OPERATOR(pg_catalog.=) 2
                      AND l.granted
                      AND l.database OPERATOR(pg_catalog.=) (
                            SELECT d.oid
                              FROM pg_catalog.pg_database AS d
                             WHERE d.datname OPERATOR(pg_catalog.=)
                                   pg_catalog.current_database()))
       END AS is_live,
       COALESCE(t.started OPERATOR(pg_catalog.<)
                (pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) $2::pg_catalog.interval), false) AS is_old
  FROM (SELECT c.relname AS name,
               pg_catalog.format('%I.%I', n.nspname, c.relname) AS qname,
               f.facts,
               pg_catalog.pg_table_size(c.oid) AS size,
               COALESCE((f.facts OPERATOR(pg_catalog.->>) 'started')::pg_catalog.timestamptz,
                        (pg_catalog.to_timestamp(
                           pg_catalog.right(c.relname, 15),
                           'YYYYMMDD_HH24MISS')::pg_catalog.timestamp)
                        AT TIME ZONE 'UTC') AS started
          FROM pg_catalog.pg_class AS c
               JOIN pg_catalog.pg_namespace AS n
                 ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
               LEFT JOIN LATERAL (
                 SELECT pg_catalog.obj_description(c.oid, 'pg_class') AS text) AS d
                 ON true
               LEFT JOIN LATERAL (
                 SELECT CASE WHEN d.text OPERATOR(pg_catalog.~)
                                  '^\{.*"tool": "pg-sample-load"'
                             THEN d.text::pg_catalog.jsonb
                        END AS facts) AS f
                 ON true
         WHERE n.nspname OPERATOR(pg_catalog.=) $1::pg_catalog.text
           AND c.relkind OPERATOR(pg_catalog.=) 'r'
           AND pg_catalog.pg_get_userbyid(c.relowner) OPERATOR(pg_catalog.=) current_user
           AND (COALESCE(f.facts OPERATOR(pg_catalog.->>) 'what', '') OPERATOR(pg_catalog.<>) 'undo')
           AND (f.facts IS NOT NULL
                OR (d.text IS NULL
                    AND c.relname OPERATOR(pg_catalog.~)
                        '_[0-9a-f]{8}_[0-9]{8}_[0-9]{6}$'))) AS t
 ORDER BY t.started, t.name COLLATE pg_catalog."C"
