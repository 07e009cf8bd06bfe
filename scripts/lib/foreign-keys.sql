-- Verifies every foreign key of the current database, for psql. Prints a row for each: table,
-- constraint, whether the catalog marks it as valid, number of referencing rows, number of rows
-- whose referenced row is missing. It relies only on the rows: each foreign key is an anti-join with
-- the constraint's own operators.
--
-- A foreign key of a partitioned table covers its partitions (which have copies of it, with a
-- conparentid); one of any other table covers that table only, without the tables that inherit from it.

SELECT pg_catalog.format(
           'SELECT %L, %L, %L, count(*) FILTER (WHERE %s), count(*) FILTER (WHERE %s '
           'AND NOT EXISTS (SELECT FROM %s AS parent WHERE %s)) FROM %s AS child',
           f.conrelid::regclass, f.conname, f.convalidated, k.refers, k.refers,
           CASE parent.relkind WHEN 'p' THEN '' ELSE 'ONLY ' END || f.confrelid::regclass,
           k.matches,
           CASE child.relkind WHEN 'p' THEN '' ELSE 'ONLY ' END || f.conrelid::regclass)
  FROM pg_catalog.pg_constraint AS f
       JOIN pg_catalog.pg_class AS child ON child.oid = f.conrelid
       JOIN pg_catalog.pg_class AS parent ON parent.oid = f.confrelid,
       LATERAL (
           SELECT '(' || string_agg(format('child.%I IS NOT NULL', a.attname),
                                    CASE f.confmatchtype WHEN 'f' THEN ' OR ' ELSE ' AND ' END)
                      || ')',
                  string_agg(format('parent.%I OPERATOR(%I.%s) child.%I', b.attname, n.nspname,
                                    o.oprname, a.attname), ' AND ')
             FROM unnest(f.conkey, f.confkey, f.conpfeqop) AS u (child_no, parent_no, operator)
                  JOIN pg_catalog.pg_attribute AS a
                  ON a.attrelid = f.conrelid AND a.attnum = u.child_no
                  JOIN pg_catalog.pg_attribute AS b
                  ON b.attrelid = f.confrelid AND b.attnum = u.parent_no
                  JOIN pg_catalog.pg_operator AS o ON o.oid = u.operator
                  JOIN pg_catalog.pg_namespace AS n ON n.oid = o.oprnamespace) AS k (refers, matches)
 WHERE f.contype = 'f' AND f.conparentid = 0
 ORDER BY f.conrelid::regclass::text, f.conname
\gexec
