-- The statements that put a new table into the place of the table $1, by phase:
--   0 the name of the new table
--   1 make it, with what rows must meet whatever comes, before its rows come
--   2 when it has its rows: indexes, constraints, what belongs to them
--   3 with the old one locked: what belongs to both
--   4 drop the old one, and give its names to the new one
-- Names of the new objects come from the numbers of the old ones, so they are free.
WITH target AS (
       SELECT c.*, n.nspname, pg_catalog.format('%I.%I', n.nspname, c.relname) AS old,
              pg_catalog.format('pg_sample_load_swap_%s', c.oid) AS new_name,
              pg_catalog.format('%I.pg_sample_load_swap_%s', n.nspname, c.oid) AS new
         FROM pg_catalog.pg_class AS c
              JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
        WHERE c.oid OPERATOR(pg_catalog.=) $1::pg_catalog.oid
     ),
     stored AS (
       SELECT pg_catalog.format(' WITH (%s)', pg_catalog.string_agg(
                pg_catalog.format('%s%I=%L', o.prefix,
                                  pg_catalog.split_part(o.text, '=', 1),
                                  pg_catalog.substr(o.text,
                                                    pg_catalog.strpos(o.text, '=') OPERATOR(pg_catalog.+) 1)),
                ', ')) AS options
         FROM (SELECT '' AS prefix, pg_catalog.unnest(t.reloptions) AS text
                 FROM target AS t
                UNION ALL
               SELECT 'toast.', pg_catalog.unnest(c.reloptions)
                 FROM target AS t
                      JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) t.reltoastrelid) AS o
       HAVING pg_catalog.count(*) OPERATOR(pg_catalog.>) 0
     ),
     field AS (
       SELECT a.*, pg_catalog.to_jsonb(a) OPERATOR(pg_catalog.->>) 'attstattarget' AS target
         FROM target AS t
              JOIN pg_catalog.pg_attribute AS a ON a.attrelid OPERATOR(pg_catalog.=) t.oid
        WHERE a.attnum OPERATOR(pg_catalog.>) 0
          AND NOT a.attisdropped
     ),
     sequence AS (
       SELECT c.oid, d.deptype OPERATOR(pg_catalog.=) 'i' AS is_identity, d.refobjsubid AS attnum, q.*,
              c.relname, pg_catalog.format('%I.%I', n.nspname, c.relname) AS old,
              pg_catalog.format('%I.pg_sample_load_swap_%s', t.nspname, c.oid) AS new
         FROM target AS t
              JOIN pg_catalog.pg_depend AS d
                ON d.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::pg_catalog.regclass
                   AND d.refobjid OPERATOR(pg_catalog.=) t.oid
                   AND d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::pg_catalog.regclass
                   AND d.deptype OPERATOR(pg_catalog.=) ANY ('{a,i}')
              JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) d.objid AND c.relkind OPERATOR(pg_catalog.=) 'S'
              JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
              JOIN pg_catalog.pg_sequence AS q ON q.seqrelid OPERATOR(pg_catalog.=) c.oid
     ),
     own_index AS (
       SELECT i.*, c.relname, s.spcname, k.oid AS constraint, k.contype, k.condeferrable,
              k.condeferred, c.reloptions,
              pg_catalog.format('pg_sample_load_swap_%s', c.oid) AS new_name,
              pg_catalog.format('%I.pg_sample_load_swap_%s', t.nspname, c.oid) AS new,
              pg_catalog.format('CREATE %sINDEX %I ON %s USING ',
                                CASE WHEN i.indisunique THEN 'UNIQUE ' END, c.relname,
                                t.old) AS old_beginning,
              -- of constraints that no index can be made into
              k.oid IS NOT NULL AND i.indisexclusion AS is_exclusion
         FROM target AS t
              JOIN pg_catalog.pg_index AS i ON i.indrelid OPERATOR(pg_catalog.=) t.oid
              JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) i.indexrelid
              LEFT JOIN pg_catalog.pg_tablespace AS s ON s.oid OPERATOR(pg_catalog.=) c.reltablespace
              LEFT JOIN pg_catalog.pg_constraint AS k
                ON k.conindid OPERATOR(pg_catalog.=) c.oid AND k.conrelid OPERATOR(pg_catalog.=) t.oid
                   AND k.contype OPERATOR(pg_catalog.=) ANY ('{p,u,x}')
     ),
     own_constraint AS (
       SELECT k.*, pg_catalog.pg_get_constraintdef(k.oid) AS definition,
              k.contype OPERATOR(pg_catalog.=) 'c' OR NOT k.convalidated AS is_early
         FROM target AS t
              JOIN pg_catalog.pg_constraint AS k
                ON k.conrelid OPERATOR(pg_catalog.=) t.oid AND k.contype OPERATOR(pg_catalog.=) ANY ('{c,f}')
     ),
     statement AS (
       SELECT 0 AS phase, 0 AS place, t.new AS text
         FROM target AS t

        -- the table, its columns, and what does not come with LIKE
        UNION ALL
       SELECT 1, 0, pg_catalog.format('SET LOCAL default_tablespace = %L', '')
        UNION ALL
       SELECT 1, 1, pg_catalog.format(
                'CREATE %sTABLE %s (LIKE %s INCLUDING ALL EXCLUDING INDEXES '
                'EXCLUDING CONSTRAINTS EXCLUDING IDENTITY EXCLUDING STATISTICS) '
                'USING %I%s%s',
                CASE WHEN t.relpersistence OPERATOR(pg_catalog.=) 'u' THEN 'UNLOGGED ' END, t.new, t.old,
                m.amname, s.options,
                (SELECT pg_catalog.format(' TABLESPACE %I', p.spcname)
                   FROM pg_catalog.pg_tablespace AS p
                  WHERE p.oid OPERATOR(pg_catalog.=) t.reltablespace))
         FROM target AS t
              JOIN pg_catalog.pg_am AS m ON m.oid OPERATOR(pg_catalog.=) t.relam
              LEFT JOIN stored AS s ON true
        UNION ALL
       SELECT 1, 2, pg_catalog.format('ALTER TABLE %s OWNER TO %I', t.new, u.rolname)
         FROM target AS t
              JOIN pg_catalog.pg_roles AS u ON u.oid OPERATOR(pg_catalog.=) t.relowner
        WHERE u.rolname OPERATOR(pg_catalog.<>) CURRENT_USER
        UNION ALL
       SELECT 1, 3, pg_catalog.format('ALTER TABLE %s ALTER COLUMN %I SET STATISTICS %s',
                                      t.new, f.attname, f.target)
         FROM target AS t
              CROSS JOIN field AS f
        WHERE f.target::pg_catalog.int4 OPERATOR(pg_catalog.>=) 0
        UNION ALL
       SELECT 1, 3, pg_catalog.format('ALTER TABLE %s ALTER COLUMN %I SET (%s)', t.new,
                                      f.attname, o.text)
         FROM target AS t
              CROSS JOIN field AS f
              CROSS JOIN LATERAL pg_catalog.unnest(f.attoptions) AS o (text)
        WHERE pg_catalog.split_part(o.text, '=', 1)
              OPERATOR(pg_catalog.=) ANY ('{n_distinct,n_distinct_inherited}')
        UNION ALL
       SELECT 1, 4, pg_catalog.format(
                'ALTER TABLE %s ALTER COLUMN %I ADD GENERATED %s AS IDENTITY ('
                'SEQUENCE NAME %s START %s INCREMENT %s MINVALUE %s MAXVALUE %s CACHE %s '
                '%sCYCLE)',
                t.new, f.attname,
                CASE WHEN f.attidentity OPERATOR(pg_catalog.=) 'a' THEN 'ALWAYS' ELSE 'BY DEFAULT' END, q.new,
                q.seqstart, q.seqincrement, q.seqmin, q.seqmax, q.seqcache,
                CASE WHEN NOT q.seqcycle THEN 'NO ' END)
         FROM target AS t
              CROSS JOIN sequence AS q
              JOIN field AS f ON f.attnum OPERATOR(pg_catalog.=) q.attnum
        WHERE q.is_identity
        UNION ALL
       SELECT 1, 5, pg_catalog.format(
                'SELECT pg_catalog.setval(%L, q.last_value, q.is_called) FROM %s AS q',
                q.new, q.old)
         FROM sequence AS q
        WHERE q.is_identity
        UNION ALL
       SELECT 1, 6, pg_catalog.format('ALTER TABLE %s ADD CONSTRAINT %I %s', t.new,
                                      k.conname, k.definition)
         FROM target AS t
              CROSS JOIN own_constraint AS k
        WHERE k.is_early

        -- indexes and what hangs on them
        UNION ALL
       SELECT 2, 0, 'SET CONSTRAINTS ALL IMMEDIATE'
        UNION ALL
       SELECT 2, 10 OPERATOR(pg_catalog.*) i.indexrelid::pg_catalog.int8,
              pg_catalog.format('SET LOCAL default_tablespace = %L',
                                COALESCE(i.spcname, ''))
         FROM own_index AS i
        UNION ALL
       SELECT 2, 10 OPERATOR(pg_catalog.*) i.indexrelid::pg_catalog.int8 OPERATOR(pg_catalog.+) 1,
              CASE WHEN i.is_exclusion
                   THEN pg_catalog.format('ALTER TABLE %s ADD CONSTRAINT %I %s', t.new,
                                          i.new_name,
                                          pg_catalog.pg_get_constraintdef(i.constraint))
                   ELSE pg_catalog.format(
                          'CREATE %sINDEX %I ON %s USING %s',
                          CASE WHEN i.indisunique THEN 'UNIQUE ' END, i.new_name, t.new,
                          pg_catalog.substr(
                            pg_catalog.pg_get_indexdef(i.indexrelid),
                            pg_catalog.length(i.old_beginning) OPERATOR(pg_catalog.+) 1)) END
         FROM target AS t
              CROSS JOIN own_index AS i
        UNION ALL
       SELECT 2, 10 OPERATOR(pg_catalog.*) i.indexrelid::pg_catalog.int8 OPERATOR(pg_catalog.+) 2,
              CASE WHEN i.is_exclusion
                   THEN pg_catalog.format('ALTER INDEX %s SET (%s)', i.new,
                                          pg_catalog.array_to_string(i.reloptions, ', '))
                   ELSE pg_catalog.format(
                          'ALTER TABLE %s ADD CONSTRAINT %I %s USING INDEX %I%s%s', t.new,
                          i.new_name,
                          CASE WHEN i.contype OPERATOR(pg_catalog.=) 'p' THEN 'PRIMARY KEY' ELSE 'UNIQUE' END,
                          i.new_name, CASE WHEN i.condeferrable THEN ' DEFERRABLE' END,
                          CASE WHEN i.condeferred THEN ' INITIALLY DEFERRED' END) END
         FROM target AS t
              CROSS JOIN own_index AS i
        WHERE i.constraint IS NOT NULL
          AND (NOT i.is_exclusion OR i.reloptions IS NOT NULL)
        UNION ALL
       SELECT 2, 10 OPERATOR(pg_catalog.*) i.indexrelid::pg_catalog.int8 OPERATOR(pg_catalog.+) 3,
              pg_catalog.format('ALTER INDEX %s ALTER COLUMN %s SET STATISTICS %s', i.new,
                                a.attnum, pg_catalog.to_jsonb(a) OPERATOR(pg_catalog.->>) 'attstattarget')
         FROM own_index AS i
              JOIN pg_catalog.pg_attribute AS a ON a.attrelid OPERATOR(pg_catalog.=) i.indexrelid
        WHERE (pg_catalog.to_jsonb(a) OPERATOR(pg_catalog.->>) 'attstattarget')::pg_catalog.int4 OPERATOR(pg_catalog.>=) 0
          AND 0 OPERATOR(pg_catalog.=) i.indkey[a.attnum OPERATOR(pg_catalog.-) 1]
        UNION ALL
       SELECT 2, 10 OPERATOR(pg_catalog.*) i.indexrelid::pg_catalog.int8 OPERATOR(pg_catalog.+) 4,
              pg_catalog.format('ALTER TABLE %s CLUSTER ON %I', t.new, i.new_name)
         FROM target AS t
              CROSS JOIN own_index AS i
        WHERE i.indisclustered
        UNION ALL
       SELECT 2, 10 OPERATOR(pg_catalog.*) i.indexrelid::pg_catalog.int8 OPERATOR(pg_catalog.+) 4,
              pg_catalog.format('ALTER TABLE %s REPLICA IDENTITY USING INDEX %I', t.new,
                                i.new_name)
         FROM target AS t
              CROSS JOIN own_index AS i
        WHERE i.indisreplident
          AND t.relreplident OPERATOR(pg_catalog.=) 'i'
        UNION ALL
       SELECT 2, 10 OPERATOR(pg_catalog.*) i.indexrelid::pg_catalog.int8 OPERATOR(pg_catalog.+) 5,
              pg_catalog.format('COMMENT ON INDEX %s IS %L', i.new, d.description)
         FROM own_index AS i
              JOIN pg_catalog.pg_description AS d
                ON d.objoid OPERATOR(pg_catalog.=) i.indexrelid
                   AND d.classoid OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::pg_catalog.regclass
        UNION ALL
       SELECT 2, 100000000000, pg_catalog.format('ALTER TABLE %s REPLICA IDENTITY %s',
                                                 t.new,
                                                 CASE WHEN t.relreplident OPERATOR(pg_catalog.=) 'f' THEN 'FULL'
                                                      ELSE 'NOTHING' END)
         FROM target AS t
        WHERE t.relreplident OPERATOR(pg_catalog.=) ANY ('{f,n}')

        -- foreign keys last: they look rows up, those to the table itself by its index
        UNION ALL
       SELECT 2, 100000000001,
              pg_catalog.format(
                'ALTER TABLE %s ADD CONSTRAINT %I %s', t.new, k.conname,
                CASE WHEN k.confrelid OPERATOR(pg_catalog.<>) t.oid THEN k.definition
                     ELSE s.beginning OPERATOR(pg_catalog.||) t.new OPERATOR(pg_catalog.||)
                          pg_catalog.substr(k.definition,
                                            pg_catalog.length(s.beginning OPERATOR(pg_catalog.||) t.old) OPERATOR(pg_catalog.+) 1)
                     END)
         FROM target AS t
              CROSS JOIN own_constraint AS k
              CROSS JOIN LATERAL (
                SELECT pg_catalog.format('FOREIGN KEY (%s) REFERENCES ',
                                         pg_catalog.string_agg(
                                           pg_catalog.quote_ident(f.attname), ', '
                                           ORDER BY c.place)) AS beginning
                  FROM pg_catalog.unnest(k.conkey) WITH ORDINALITY AS c (attnum, place)
                       JOIN field AS f ON f.attnum OPERATOR(pg_catalog.=) c.attnum) AS s
        WHERE NOT k.is_early
        UNION ALL
       SELECT 2, 100000000002,
              pg_catalog.format('COMMENT ON CONSTRAINT %I ON %s IS %L',
                                COALESCE(i.new_name, k.conname), t.new, d.description)
         FROM target AS t
              JOIN pg_catalog.pg_constraint AS k ON k.conrelid OPERATOR(pg_catalog.=) t.oid
              JOIN pg_catalog.pg_description AS d
                ON d.objoid OPERATOR(pg_catalog.=) k.oid
                   AND d.classoid OPERATOR(pg_catalog.=) 'pg_catalog.pg_constraint'::pg_catalog.regclass
              LEFT JOIN own_index AS i ON i.constraint OPERATOR(pg_catalog.=) k.oid
        UNION ALL
       SELECT 2, 100000000003,
              pg_catalog.format('COMMENT ON TABLE %s IS %L', t.new, d.description)
         FROM target AS t
              JOIN pg_catalog.pg_description AS d
                ON d.objoid OPERATOR(pg_catalog.=) t.oid AND d.objsubid OPERATOR(pg_catalog.=) 0
                   AND d.classoid OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::pg_catalog.regclass
        UNION ALL
       SELECT 2, 100000000004,
              pg_catalog.format('COMMENT ON SEQUENCE %s IS %L', q.new, d.description)
         FROM sequence AS q
              JOIN pg_catalog.pg_description AS d
                ON d.objoid OPERATOR(pg_catalog.=) q.oid
                   AND d.classoid OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::pg_catalog.regclass
        WHERE q.is_identity

        -- sequences; ALTER locks one, so that no session draws a number that is given again
        UNION ALL
       SELECT 3, 0, pg_catalog.format('ALTER SEQUENCE %s OWNED BY %s.%I', q.old, t.new,
                                      f.attname)
         FROM target AS t
              CROSS JOIN sequence AS q
              JOIN field AS f ON f.attnum OPERATOR(pg_catalog.=) q.attnum
        WHERE NOT q.is_identity
        UNION ALL
       SELECT 3, 1, pg_catalog.format('ALTER SEQUENCE %s CACHE %s', q.old, q.seqcache)
         FROM sequence AS q
        WHERE q.is_identity
        UNION ALL
       SELECT 3, 2, pg_catalog.format(
                'SELECT pg_catalog.setval(%L, %s(o.last_value, n.last_value), '
                'o.is_called OR n.is_called) FROM %s AS o CROSS JOIN %s AS n',
                q.new, CASE WHEN q.seqincrement OPERATOR(pg_catalog.>) 0 THEN 'GREATEST' ELSE 'LEAST' END,
                q.old, q.new)
         FROM sequence AS q
        WHERE q.is_identity

        UNION ALL
       SELECT 4, 0, pg_catalog.format('DROP TABLE %s', t.old)
         FROM target AS t
        UNION ALL
       SELECT 4, 1, pg_catalog.format('ALTER TABLE %s RENAME TO %I', t.new, t.relname)
         FROM target AS t
        UNION ALL
       SELECT 4, 2, pg_catalog.format('ALTER INDEX %s RENAME TO %I', i.new, i.relname)
         FROM own_index AS i
        UNION ALL
       SELECT 4, 2, pg_catalog.format('ALTER SEQUENCE %s RENAME TO %I', q.new, q.relname)
         FROM sequence AS q
        WHERE q.is_identity
        UNION ALL
       SELECT 4, 3 OPERATOR(pg_catalog.+) part.n, part.text
         FROM target AS t
              JOIN pg_catalog.pg_statistic_ext AS e ON e.stxrelid OPERATOR(pg_catalog.=) t.oid
              JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) e.stxnamespace
              JOIN pg_catalog.pg_roles AS u ON u.oid OPERATOR(pg_catalog.=) e.stxowner
              CROSS JOIN LATERAL pg_catalog.format('%I.%I', n.nspname, e.stxname)
                AS s (qname)
              CROSS JOIN LATERAL (VALUES
                (0, pg_catalog.pg_get_statisticsobjdef(e.oid)),
                (1, 'ALTER STATISTICS ' OPERATOR(pg_catalog.||) s.qname OPERATOR(pg_catalog.||) ' SET STATISTICS ' OPERATOR(pg_catalog.||)
                    CASE WHEN (pg_catalog.to_jsonb(e) OPERATOR(pg_catalog.->>) 'stxstattarget')
                                ::pg_catalog.int4 OPERATOR(pg_catalog.>=) 0
                         THEN pg_catalog.to_jsonb(e) OPERATOR(pg_catalog.->>) 'stxstattarget' END),
                (2, 'COMMENT ON STATISTICS ' OPERATOR(pg_catalog.||) s.qname OPERATOR(pg_catalog.||) ' IS ' OPERATOR(pg_catalog.||)
                    pg_catalog.quote_literal(
                      pg_catalog.obj_description(e.oid, 'pg_statistic_ext'))),
                (3, CASE WHEN u.rolname OPERATOR(pg_catalog.<>) CURRENT_USER
                         THEN pg_catalog.format('ALTER STATISTICS %s OWNER TO %I',
                                                s.qname, u.rolname) END)
                ) AS part (n, text)
        WHERE part.text IS NOT NULL
     )
SELECT s.phase, s.text
  FROM statement AS s
 ORDER BY s.phase, s.place, s.text
