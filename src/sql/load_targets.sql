-- What is to be known of the tables $1 (oid[]) before they are loaded, a row for each.
-- Triggers of partitions count as the root's. Bits of tgtype: 1 ROW, 2 BEFORE, 4 INSERT,
-- 8 DELETE, 16 UPDATE (pg_trigger.h).
WITH target AS (
       SELECT c.oid, c.relkind, c.relnamespace, c.reltuples
         FROM pg_catalog.pg_class AS c
        WHERE c.oid OPERATOR(pg_catalog.=) ANY ($1::pg_catalog.oid[])
     ),
     part AS ( -- the table itself, and its partitions
       SELECT t.oid AS root, t.oid
         FROM target AS t
       UNION
       SELECT t.oid, p.relid::pg_catalog.oid
         FROM target AS t
              CROSS JOIN LATERAL pg_catalog.pg_partition_tree(t.oid) AS p
        WHERE t.relkind OPERATOR(pg_catalog.=) 'p'
     ),
     trigger AS (
       SELECT part.root, g.tgtype
         FROM part
              JOIN pg_catalog.pg_trigger AS g ON g.tgrelid OPERATOR(pg_catalog.=) part.oid
        WHERE NOT g.tgisinternal
          AND g.tgenabled OPERATOR(pg_catalog.=) ANY (
                CASE WHEN pg_catalog.current_setting('session_replication_role')
                          OPERATOR(pg_catalog.=) 'replica' THEN '{A,R}'
                     ELSE '{A,O}'
                END::pg_catalog."char"[])
     )
SELECT t.oid,
       t.relkind,
       EXISTS (SELECT FROM trigger WHERE root OPERATOR(pg_catalog.=) t.oid AND tgtype OPERATOR(pg_catalog.&) 7 OPERATOR(pg_catalog.=) 7)
         AS has_insert_trigger,
       EXISTS (SELECT FROM trigger WHERE root OPERATOR(pg_catalog.=) t.oid AND tgtype OPERATOR(pg_catalog.&) 19 OPERATOR(pg_catalog.=) 19)
         AS has_update_trigger,
       EXISTS (SELECT FROM trigger WHERE root OPERATOR(pg_catalog.=) t.oid AND tgtype OPERATOR(pg_catalog.&) 11 OPERATOR(pg_catalog.=) 11)
         AS has_delete_trigger,
       (SELECT pg_catalog.min(r.rulename::pg_catalog.text)
          FROM pg_catalog.pg_rewrite AS r
         WHERE r.ev_class OPERATOR(pg_catalog.=) t.oid AND r.is_instead AND r.ev_enabled OPERATOR(pg_catalog.<>) 'D'
           AND r.ev_type OPERATOR(pg_catalog.=) '3') AS insert_rule,
       (SELECT pg_catalog.min(r.rulename::pg_catalog.text)
          FROM pg_catalog.pg_rewrite AS r
         WHERE r.ev_class OPERATOR(pg_catalog.=) t.oid AND r.is_instead AND r.ev_enabled OPERATOR(pg_catalog.<>) 'D'
           AND r.ev_type OPERATOR(pg_catalog.=) '2') AS update_rule,
       (SELECT pg_catalog.min(r.rulename::pg_catalog.text)
          FROM pg_catalog.pg_rewrite AS r
         WHERE r.ev_class OPERATOR(pg_catalog.=) t.oid AND r.is_instead AND r.ev_enabled OPERATOR(pg_catalog.<>) 'D'
           AND r.ev_type OPERATOR(pg_catalog.=) '4') AS delete_rule,
       pg_catalog.row_security_active(t.oid) AS has_row_security,
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
       -- of the table as a whole, not only of columns of it
       pg_catalog.has_table_privilege(t.oid, 'SELECT') AS may_select,
       pg_catalog.has_table_privilege(t.oid, 'INSERT') AS may_insert,
       pg_catalog.has_table_privilege(t.oid, 'UPDATE') AS may_update,
       pg_catalog.has_table_privilege(t.oid, 'TRUNCATE') AS may_truncate,
       pg_catalog.has_table_privilege(t.oid, 'UPDATE, DELETE, TRUNCATE') AS may_lock,
       (SELECT pg_catalog.min(r.rulename::pg_catalog.text)
          FROM pg_catalog.pg_rewrite AS r
         WHERE r.ev_class OPERATOR(pg_catalog.=) t.oid
           AND NOT r.is_instead
           AND r.ev_enabled OPERATOR(pg_catalog.<>) 'D'
           AND r.ev_type OPERATOR(pg_catalog.=) ANY ('{2,3,4}')) AS also_rule,
       t.reltuples AS n_tuples,
       (SELECT COALESCE(pg_catalog.sum(pg_catalog.pg_table_size(part.oid)), 0)::pg_catalog.int8
          FROM part
         WHERE part.root OPERATOR(pg_catalog.=) t.oid) AS n_bytes,
       -- columns of partition keys and of their expressions, which depend on the table
       ARRAY(SELECT DISTINCT own.attnum
               FROM part
                    JOIN pg_catalog.pg_partitioned_table AS pt ON pt.partrelid OPERATOR(pg_catalog.=) part.oid
                    JOIN pg_catalog.pg_attribute AS a ON a.attrelid OPERATOR(pg_catalog.=) part.oid
                    JOIN pg_catalog.pg_attribute AS own
                      ON own.attrelid OPERATOR(pg_catalog.=) t.oid AND own.attname OPERATOR(pg_catalog.=) a.attname
              WHERE part.root OPERATOR(pg_catalog.=) t.oid
                AND a.attnum OPERATOR(pg_catalog.>) 0
                AND NOT a.attisdropped
                AND (a.attnum OPERATOR(pg_catalog.=) ANY (pt.partattrs::pg_catalog.int2[])
                     OR EXISTS (
                          SELECT
                            FROM pg_catalog.pg_depend AS d
                           WHERE d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::pg_catalog.regclass
                             AND d.objid OPERATOR(pg_catalog.=) part.oid
                             AND d.objsubid OPERATOR(pg_catalog.=) a.attnum
                             AND d.refclassid OPERATOR(pg_catalog.=) d.classid
                             AND d.refobjid OPERATOR(pg_catalog.=) part.oid
                             AND d.refobjsubid OPERATOR(pg_catalog.=) 0
                             AND d.deptype OPERATOR(pg_catalog.=) 'i'))
              ORDER BY own.attnum) AS partition_attnums
  FROM target AS t
