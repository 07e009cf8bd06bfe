-- Can the schema $1 and tables in it, $2 and $3 (or all in it: $4), be read and written as if
-- no other role could have made or changed them? Only if the role itself owns
-- them, since no other role can replace what is checked here as long as that is so: a view,
-- a trigger, a rule, a policy, a default, a generated column, a CHECK or an index expression
-- would run its author's code with the privileges of this role. Those of $2 have built-in types only.
-- is_open: other roles can use the schema, and can change what this role creates in it.
-- is_shared: there are objects of theirs in it.
SELECT pg_catalog.pg_get_userbyid(n.nspowner) AS owner,
       COALESCE(pg_catalog.obj_description(n.oid, 'pg_namespace'), '') AS comment,
       n.nspowner OPERATOR(pg_catalog.=) r.oid AS is_own,
       EXISTS (
         SELECT
           FROM pg_catalog.aclexplode(n.nspacl) AS a
          WHERE a.grantee OPERATOR(pg_catalog.<>) n.nspowner
            AND a.privilege_type OPERATOR(pg_catalog.=) 'USAGE')
       AND EXISTS (
         SELECT
           FROM pg_catalog.pg_default_acl AS d
                CROSS JOIN LATERAL pg_catalog.aclexplode(d.defaclacl) AS a
          WHERE d.defaclrole OPERATOR(pg_catalog.=) r.oid
            AND d.defaclobjtype OPERATOR(pg_catalog.=) 'r'
            AND (d.defaclnamespace OPERATOR(pg_catalog.=) 0
                 OR d.defaclnamespace OPERATOR(pg_catalog.=) n.oid)
            AND a.grantee OPERATOR(pg_catalog.<>) r.oid
            AND a.privilege_type OPERATOR(pg_catalog.<>) 'SELECT') AS is_open,
       EXISTS (
         SELECT
           FROM pg_catalog.pg_class AS c
          WHERE c.relnamespace OPERATOR(pg_catalog.=) n.oid
            AND c.relowner OPERATOR(pg_catalog.<>) r.oid)
       OR EXISTS (
            SELECT
              FROM pg_catalog.pg_proc AS f
             WHERE f.oid OPERATOR(pg_catalog.>=) 16384 -- by the index
               AND f.pronamespace OPERATOR(pg_catalog.=) n.oid
               AND f.proowner OPERATOR(pg_catalog.<>) r.oid)
       OR EXISTS (
            SELECT
              FROM pg_catalog.pg_type AS y
             WHERE y.oid OPERATOR(pg_catalog.>=) 16384
               AND y.typnamespace OPERATOR(pg_catalog.=) n.oid
               AND y.typowner OPERATOR(pg_catalog.<>) r.oid) AS is_shared,
       t.name,
       t.problem
  FROM pg_catalog.pg_namespace AS n
       JOIN pg_catalog.pg_roles AS r
         ON r.rolname OPERATOR(pg_catalog.=) current_user
       LEFT JOIN LATERAL (
         SELECT f.name, f.problem
           FROM (
                SELECT c.relname AS name,
                       CASE
                         WHEN c.relowner OPERATOR(pg_catalog.<>) r.oid
                           THEN pg_catalog.format('it belongs to role "%s"',
                                                  pg_catalog.pg_get_userbyid(c.relowner))
                         WHEN c.relkind OPERATOR(pg_catalog.<>) 'r'
                           THEN 'it is not an ordinary table'
                         WHEN c.relispartition
                              OR EXISTS (
                                   SELECT
                                     FROM pg_catalog.pg_inherits AS i
                                    WHERE i.inhrelid OPERATOR(pg_catalog.=) c.oid
                                       OR i.inhparent OPERATOR(pg_catalog.=) c.oid)
                           THEN 'it has a parent or children'
                         WHEN EXISTS (
                                SELECT
                                  FROM pg_catalog.pg_trigger AS g
                                 WHERE g.tgrelid OPERATOR(pg_catalog.=) c.oid)
                           THEN 'it has triggers'
                         WHEN EXISTS (
                                SELECT
                                  FROM pg_catalog.pg_rewrite AS w
                                 WHERE w.ev_class OPERATOR(pg_catalog.=) c.oid)
                           THEN 'it has rules'
                         WHEN c.relrowsecurity OR c.relforcerowsecurity
                              OR EXISTS (
                                   SELECT
                                     FROM pg_catalog.pg_policy AS p
                                    WHERE p.polrelid OPERATOR(pg_catalog.=) c.oid)
                           THEN 'it is under row security'
                         -- no EXISTS: it may be evaluated for all tables, and lock them
                         WHEN (SELECT pg_catalog.bool_or(
                                        NOT pg_catalog.pg_get_expr(e.adbin, e.adrelid)
                                            OPERATOR(pg_catalog.~)
                                            '^((pg_catalog[.])?(clock_timestamp|now)\(\)|''system''::(pg_catalog[.])?text)$'
                                        OR EXISTS (
                                             SELECT
                                               FROM pg_catalog.pg_depend AS d
                                              WHERE d.classid OPERATOR(pg_catalog.=)
                                                    'pg_catalog.pg_attrdef'
                                                    ::pg_catalog.regclass
                                                AND d.objid OPERATOR(pg_catalog.=) e.oid
                                                AND d.refclassid OPERATOR(pg_catalog.<>)
                                                    'pg_catalog.pg_class'
                                                    ::pg_catalog.regclass))
                                 FROM pg_catalog.pg_attrdef AS e
                                WHERE e.adrelid OPERATOR(pg_catalog.=) c.oid)
                           THEN 'it has a default or a generated column'
                         WHEN EXISTS (
                                SELECT
                                  FROM pg_catalog.pg_constraint AS k
                                 WHERE k.conrelid OPERATOR(pg_catalog.=) c.oid
                                   AND k.contype OPERATOR(pg_catalog.=) 'c')
                           THEN 'it has a CHECK constraint'
                         WHEN EXISTS (
                                SELECT
                                  FROM pg_catalog.pg_index AS x
                                 WHERE x.indrelid OPERATOR(pg_catalog.=) c.oid
                                   AND (x.indexprs IS NOT NULL OR x.indpred IS NOT NULL))
                           THEN 'it has an index with an expression'
                         WHEN EXISTS (
                                SELECT
                                  FROM pg_catalog.aclexplode(c.relacl) AS a
                                 WHERE a.grantee OPERATOR(pg_catalog.<>) c.relowner
                                   AND a.privilege_type OPERATOR(pg_catalog.<>) 'SELECT')
                              OR EXISTS (
                                   SELECT
                                     FROM pg_catalog.pg_attribute AS f
                                          CROSS JOIN LATERAL
                                          pg_catalog.aclexplode(f.attacl) AS a
                                    WHERE f.attrelid OPERATOR(pg_catalog.=) c.oid
                                      AND a.grantee OPERATOR(pg_catalog.<>) c.relowner
                                      AND a.privilege_type OPERATOR(pg_catalog.<>) 'SELECT')
                           THEN 'other roles have privileges to change it'
                         WHEN c.relname OPERATOR(pg_catalog.=) ANY ($2::pg_catalog.name[])
                              AND EXISTS (
                                    SELECT
                                      FROM pg_catalog.pg_attribute AS f
                                           JOIN pg_catalog.pg_type AS y
                                             ON y.oid OPERATOR(pg_catalog.=) f.atttypid
                                     WHERE f.attrelid OPERATOR(pg_catalog.=) c.oid
                                       AND f.attnum OPERATOR(pg_catalog.>) 0
                                       AND NOT f.attisdropped
                                       AND (y.typtype OPERATOR(pg_catalog.<>) 'b'
                                            OR y.typnamespace OPERATOR(pg_catalog.<>)
                                               'pg_catalog'::pg_catalog.regnamespace))
                           THEN 'it has a column of a type that is not built in'
                       END AS problem
                  FROM pg_catalog.pg_class AS c
                 WHERE c.relnamespace OPERATOR(pg_catalog.=) n.oid
                   AND (c.relname OPERATOR(pg_catalog.=) ANY ($2::pg_catalog.name[])
                        OR c.relname OPERATOR(pg_catalog.=) $3::pg_catalog.name
                        OR ($4::pg_catalog.bool
                            AND NOT c.relkind OPERATOR(pg_catalog.=) ANY
                                ('{i,I,t,S}'::pg_catalog."char"[])))) AS f
          WHERE f.problem IS NOT NULL
          ORDER BY f.name
          LIMIT 1) AS t
         ON true
 WHERE n.nspname OPERATOR(pg_catalog.=) $1::pg_catalog.text
