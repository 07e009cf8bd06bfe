-- What masks must know of each column, in the order of the table: the type below domains,
-- and of an array that of its elements; where it is declared what it has room for; and what
-- forbids to mask it. Only asked when columns are masked, or for --plan.
WITH RECURSIVE base (oid, type, typmod, is_domain, is_not_null) AS (
       SELECT t.oid, t.oid, -1, false, false
         FROM pg_catalog.pg_type AS t
        WHERE t.typtype <> 'd'
       UNION ALL
       SELECT t.oid,
              base.type,
              CASE WHEN t.typtypmod <> -1 THEN t.typtypmod ELSE base.typmod END,
              true,
              base.is_not_null OR t.typnotnull
         FROM base
              JOIN pg_catalog.pg_type AS t ON t.typbasetype = base.oid AND t.typtype = 'd'
     ),
     partitioned (relation, attname) AS (
       SELECT pg_catalog.pg_partition_root(p.partrelid)::pg_catalog.oid, a.attname
         FROM pg_catalog.pg_partitioned_table AS p
              CROSS JOIN LATERAL pg_catalog.unnest(p.partattrs::pg_catalog.int2[])
                AS k (attnum)
              JOIN pg_catalog.pg_attribute AS a
                ON a.attrelid = p.partrelid AND a.attnum = k.attnum AND k.attnum > 0
       UNION
       SELECT pg_catalog.pg_partition_root(c.oid)::pg_catalog.oid, a.attname
         FROM pg_catalog.pg_class AS c
              JOIN pg_catalog.pg_depend AS d
                ON d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
                   AND d.objid = c.oid AND d.objsubid > 0
              JOIN pg_catalog.pg_attribute AS a
                ON a.attrelid = c.oid AND a.attnum = d.objsubid
        WHERE c.relkind = 'p'
          AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
          AND d.refobjid = c.oid
          AND d.refobjsubid = 0
          AND d.deptype = 'i'
     ),
     strict (relation, attname) AS (
       SELECT DISTINCT pg_catalog.pg_partition_root(c.oid)::pg_catalog.oid, a.attname
         FROM pg_catalog.pg_class AS c
              JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid
        WHERE c.relispartition
          AND c.relkind IN ('r', 'p', 'f')
          AND a.attnum > 0
          AND a.attnotnull
          AND NOT a.attisdropped
     )
SELECT a.attrelid,
       a.attname,
       COALESCE(e.oid, t.oid) AS type,
       COALESCE(e.typtype, t.typtype) AS kind,
       x.extname AS extension,
       COALESCE(e.typname, t.typname) AS type_name,
       e.oid IS NOT NULL AS is_array,
       CASE
         WHEN a.atttypmod <> -1 THEN a.atttypmod
         WHEN base.typmod <> -1 THEN base.typmod
         ELSE COALESCE(element.typmod, -1)
       END AS typmod,
       base.is_domain OR COALESCE(element.is_domain, false) AS has_domain,
       (a.attnotnull
        OR base.is_not_null
        OR (a.attrelid, a.attname) IN (SELECT s.relation, s.attname FROM strict AS s))
         AS is_not_null,
       (a.attrelid, a.attname) IN (SELECT p.relation, p.attname FROM partitioned AS p)
         AS is_partition_key,
       COALESCE(NOT col.collisdeterministic, false) AS is_nondeterministic,
       COALESCE(pg_catalog.col_description(a.attrelid, a.attnum)
                  ~* '\mpii\M', false) AS is_commented
  FROM pg_catalog.pg_attribute AS a
       JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid
       JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
       JOIN base ON base.oid = a.atttypid
       JOIN pg_catalog.pg_type AS t ON t.oid = base.type
       LEFT JOIN pg_catalog.pg_type AS i
         ON i.oid = t.typelem AND t.typlen = -1 AND i.typarray = t.oid
       LEFT JOIN base AS element ON element.oid = i.oid
       LEFT JOIN pg_catalog.pg_type AS e ON e.oid = element.type
       LEFT JOIN pg_catalog.pg_depend AS de
         ON de.classid = 'pg_catalog.pg_type'::pg_catalog.regclass
            AND de.objid = COALESCE(e.oid, t.oid) AND de.objsubid = 0
            AND de.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass
            AND de.deptype = 'e'
       LEFT JOIN pg_catalog.pg_extension AS x ON x.oid = de.refobjid
       LEFT JOIN pg_catalog.pg_collation AS col ON col.oid = a.attcollation
 WHERE a.attnum > 0
   AND NOT a.attisdropped
   AND c.relkind IN ('r', 'p')
   AND NOT c.relispartition
   AND c.relpersistence <> 't'
   AND n.nspname !~ '^pg_'
   AND n.nspname <> 'information_schema'
 ORDER BY a.attrelid, a.attnum
