-- What is to be known of the tables $1 (oid[]) before they are loaded, a row for each.
-- Triggers of partitions count as the root's. Bits of tgtype: 1 ROW, 2 BEFORE, 4 INSERT,
-- 8 DELETE, 16 UPDATE (pg_trigger.h).
WITH target AS (
       SELECT c.oid, c.relkind, c.relnamespace, c.reltuples
         FROM pg_catalog.pg_class AS c
        WHERE c.oid = ANY ($1::pg_catalog.oid[])
     ),
     part AS ( -- the table itself, and its partitions
       SELECT t.oid AS root, t.oid
         FROM target AS t
       UNION
       SELECT t.oid, p.relid::pg_catalog.oid
         FROM target AS t
              CROSS JOIN LATERAL pg_catalog.pg_partition_tree(t.oid) AS p
        WHERE t.relkind = 'p'
     ),
     trigger AS (
       SELECT part.root, g.tgtype
         FROM part
              JOIN pg_catalog.pg_trigger AS g ON g.tgrelid = part.oid
        WHERE NOT g.tgisinternal
          AND g.tgenabled IN (
                'A',
                CASE pg_catalog.current_setting('session_replication_role')
                  WHEN 'replica' THEN 'R'
                  ELSE 'O'
                END)
     )
SELECT t.oid,
       t.relkind,
       EXISTS (SELECT FROM trigger WHERE root = t.oid AND tgtype & 7 = 7)
         AS has_insert_trigger,
       EXISTS (SELECT FROM trigger WHERE root = t.oid AND tgtype & 19 = 19)
         AS has_update_trigger,
       EXISTS (SELECT FROM trigger WHERE root = t.oid AND tgtype & 11 = 11)
         AS has_delete_trigger,
       EXISTS (SELECT FROM trigger WHERE root = t.oid AND tgtype & 3 <> 3)
         AS has_after_trigger,
       (SELECT pg_catalog.min(r.rulename::pg_catalog.text)
          FROM pg_catalog.pg_rewrite AS r
         WHERE r.ev_class = t.oid AND r.is_instead AND r.ev_enabled <> 'D'
           AND r.ev_type = '3') AS insert_rule,
       (SELECT pg_catalog.min(r.rulename::pg_catalog.text)
          FROM pg_catalog.pg_rewrite AS r
         WHERE r.ev_class = t.oid AND r.is_instead AND r.ev_enabled <> 'D'
           AND r.ev_type = '2') AS update_rule,
       (SELECT pg_catalog.min(r.rulename::pg_catalog.text)
          FROM pg_catalog.pg_rewrite AS r
         WHERE r.ev_class = t.oid AND r.is_instead AND r.ev_enabled <> 'D'
           AND r.ev_type = '4') AS delete_rule,
       pg_catalog.row_security_active(t.oid) AS has_row_security,
       EXISTS (SELECT
                 FROM part
                      JOIN pg_catalog.pg_index AS i ON i.indrelid = part.oid
                WHERE part.root = t.oid AND i.indisexclusion)
         AS has_exclusion_constraint,
       (SELECT pg_catalog.string_agg(p.name, ', ' ORDER BY p.position)
          FROM (VALUES
                  (1, 'USAGE',
                   pg_catalog.has_schema_privilege(t.relnamespace, 'USAGE')),
                  (2, 'SELECT',
                   pg_catalog.has_any_column_privilege(t.oid, 'SELECT')),
                  (3, 'INSERT',
                   pg_catalog.has_any_column_privilege(t.oid, 'INSERT')),
                  (4, 'UPDATE',
                   pg_catalog.has_any_column_privilege(t.oid, 'UPDATE')),
                  (5, 'DELETE',
                   pg_catalog.has_table_privilege(t.oid, 'DELETE')))
               AS p (position, name, is_granted)
         WHERE NOT p.is_granted) AS missing_privileges,
       t.reltuples AS n_tuples,
       (SELECT COALESCE(pg_catalog.sum(pg_catalog.pg_table_size(part.oid)), 0)::pg_catalog.int8
          FROM part
         WHERE part.root = t.oid) AS n_bytes,
       -- columns of partition keys and of their expressions, which depend on the table
       ARRAY(SELECT DISTINCT own.attnum
               FROM part
                    JOIN pg_catalog.pg_partitioned_table AS pt ON pt.partrelid = part.oid
                    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = part.oid
                    JOIN pg_catalog.pg_attribute AS own
                      ON own.attrelid = t.oid AND own.attname = a.attname
              WHERE part.root = t.oid
                AND a.attnum > 0
                AND NOT a.attisdropped
                AND (a.attnum = ANY (pt.partattrs::pg_catalog.int2[])
                     OR EXISTS (
                          SELECT
                            FROM pg_catalog.pg_depend AS d
                           WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
                             AND d.objid = part.oid
                             AND d.objsubid = a.attnum
                             AND d.refclassid = d.classid
                             AND d.refobjid = part.oid
                             AND d.refobjsubid = 0
                             AND d.deptype = 'i'))
              ORDER BY own.attnum) AS partition_attnums
  FROM target AS t
