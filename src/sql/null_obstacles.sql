-- Why columns cannot become NULL in a dump, besides being part of a key: those of foreign
-- keys, and of partitioned tables. Only asked when keys are ignored. Before version 15 a generated column
-- itself depends on what it is computed from, since then its expression does. Columns of
-- a partition key depend on their table the other way round. A row with a NULL in a
-- column of a unique index or exclusion constraint conflicts with no other row, unless
-- the index is NULLS NOT DISTINCT (15) or has the column in an expression.
SELECT o.relid, a.attname, o.reason
  FROM (SELECT a.attrelid AS relid, a.attnum AS attnum,
               pg_catalog.format('it is NOT NULL in partition %s', c.relname) AS reason
          FROM pg_catalog.pg_attribute AS a
               JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid
         WHERE c.relispartition
           AND c.relkind IN ('r', 'p', 'f')
           AND a.attnum > 0
           AND a.attnotnull
           AND NOT a.attisdropped
         UNION ALL
        SELECT d.refobjid, d.refobjsubid,
               pg_catalog.format('generated column %I is computed from it', g.attname)
          FROM pg_catalog.pg_attribute AS g
               JOIN pg_catalog.pg_attrdef AS e
                 ON e.adrelid = g.attrelid AND e.adnum = g.attnum
               JOIN pg_catalog.pg_depend AS d
                 ON d.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass
                    AND d.objid = e.oid
         WHERE g.attgenerated <> ''
           AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
           AND d.refobjid = g.attrelid
           AND d.refobjsubid NOT IN (0, g.attnum)
         UNION ALL
        SELECT d.refobjid, d.refobjsubid,
               pg_catalog.format('generated column %I is computed from it', g.attname)
          FROM pg_catalog.pg_attribute AS g
               JOIN pg_catalog.pg_depend AS d
                 ON d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
                    AND d.objid = g.attrelid AND d.objsubid = g.attnum
         WHERE g.attgenerated <> ''
           AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
           AND d.refobjid = g.attrelid
           AND d.refobjsubid <> 0
         UNION ALL
        SELECT d.objid, d.objsubid,
               pg_catalog.format('the partitions of %I depend on it', c.relname)
          FROM pg_catalog.pg_class AS c
               JOIN pg_catalog.pg_depend AS d
                 ON d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
                    AND d.objid = c.oid AND d.objsubid > 0
         WHERE c.relkind = 'p'
           AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
           AND d.refobjid = c.oid
           AND d.refobjsubid = 0
           AND d.deptype = 'i'
         UNION ALL
        SELECT i.indrelid, k.attnum,
               pg_catalog.format('index %I is unique with NULLS NOT DISTINCT', x.relname)
          FROM pg_catalog.pg_index AS i
               JOIN pg_catalog.pg_class AS x ON x.oid = i.indexrelid
               CROSS JOIN LATERAL pg_catalog.unnest(i.indkey::pg_catalog.int2[])
                 WITH ORDINALITY AS k (attnum, position)
         WHERE i.indisunique
           AND k.position <= i.indnkeyatts
           AND (pg_catalog.to_jsonb(i) ->> 'indnullsnotdistinct')::pg_catalog.bool
         UNION ALL
        SELECT d.refobjid, d.refobjsubid,
               pg_catalog.format('%s has it in an expression or condition',
                 CASE WHEN i.indisexclusion
                   THEN pg_catalog.format('exclusion constraint %I', x.relname)
                   ELSE pg_catalog.format('unique index %I', x.relname)
                 END)
          FROM pg_catalog.pg_index AS i
               JOIN pg_catalog.pg_class AS x ON x.oid = i.indexrelid
               JOIN pg_catalog.pg_depend AS d
                 ON d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
                    AND d.objid = i.indexrelid
         WHERE (i.indisunique OR i.indisexclusion)
           AND (i.indexprs IS NOT NULL OR i.indpred IS NOT NULL)
           AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
           AND d.refobjid = i.indrelid
           AND d.refobjsubid > 0
           AND NOT EXISTS (
                 SELECT
                   FROM pg_catalog.unnest(i.indkey::pg_catalog.int2[])
                          WITH ORDINALITY AS k (attnum, position)
                  WHERE k.attnum = d.refobjsubid AND k.position <= i.indnkeyatts)
       ) AS o
       JOIN pg_catalog.pg_attribute AS a ON a.attrelid = o.relid AND a.attnum = o.attnum
       JOIN pg_catalog.pg_class AS c ON c.oid = o.relid
       JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
 WHERE (c.relkind = 'p'
        OR EXISTS (
             SELECT
               FROM pg_catalog.pg_constraint AS f
              WHERE f.conrelid = o.relid
                AND f.contype = 'f'
                AND o.attnum = ANY (f.conkey)))
   AND n.nspname !~ '^pg_'
   AND n.nspname <> 'information_schema'
 ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C", a.attnum, o.reason COLLATE "C"
