-- The table $1 in the search_path, but for that of the schema $4: its name in SQL, and why
-- the role must not use it, or NULL. It needs the columns $2 and the privileges $3.
-- Its owner and that of its schema must be the role itself, a role that it is a member of,
-- the owner of the database, or a superuser: others could have it run their code. A
-- superuser counts as a member of those only that were granted to it.
WITH RECURSIVE own (oid) AS (
    SELECT r.oid
      FROM pg_catalog.pg_roles AS r
     WHERE r.rolname OPERATOR(pg_catalog.=) current_user
     UNION
    SELECT m.roleid
      FROM own AS o
           JOIN pg_catalog.pg_auth_members AS m
             ON m.member OPERATOR(pg_catalog.=) o.oid),
trusted (oid) AS (
    SELECT o.oid
      FROM own AS o
     UNION
    SELECT d.datdba
      FROM pg_catalog.pg_database AS d
     WHERE d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database()
     UNION
    SELECT r.oid
      FROM pg_catalog.pg_roles AS r
     WHERE r.rolsuper
        OR r.rolname OPERATOR(pg_catalog.=) 'pg_database_owner')
SELECT pg_catalog.format('%I.%I', n.nspname, c.relname) AS qname,
       CASE
         WHEN NOT c.relowner OPERATOR(pg_catalog.=) ANY (SELECT t.oid FROM trusted AS t)
           THEN pg_catalog.format('it belongs to role "%s"',
                                  pg_catalog.pg_get_userbyid(c.relowner))
         WHEN NOT n.nspowner OPERATOR(pg_catalog.=) ANY (SELECT t.oid FROM trusted AS t)
           THEN pg_catalog.format('its schema belongs to role "%s"',
                                  pg_catalog.pg_get_userbyid(n.nspowner))
         WHEN c.relkind OPERATOR(pg_catalog.<>) 'r'
           THEN 'it is not an ordinary table'
         WHEN c.relispartition
              OR EXISTS (SELECT
                           FROM pg_catalog.pg_inherits AS i
                          WHERE i.inhrelid OPERATOR(pg_catalog.=) c.oid
                             OR i.inhparent OPERATOR(pg_catalog.=) c.oid)
           THEN 'it has a parent or children'
         WHEN EXISTS (SELECT
                        FROM pg_catalog.pg_trigger AS g
                       WHERE g.tgrelid OPERATOR(pg_catalog.=) c.oid
                         AND NOT g.tgisinternal)
           THEN 'it has triggers'
         WHEN EXISTS (SELECT
                        FROM pg_catalog.pg_rewrite AS w
                       WHERE w.ev_class OPERATOR(pg_catalog.=) c.oid)
           THEN 'it has rules'
         WHEN c.relrowsecurity
           THEN 'it is under row security'
         WHEN EXISTS (SELECT
                        FROM pg_catalog.aclexplode(c.relacl) AS a
                       WHERE a.privilege_type OPERATOR(pg_catalog.=) 'TRIGGER'
                         AND NOT a.grantee OPERATOR(pg_catalog.=) ANY
                             (SELECT t.oid FROM trusted AS t))
           THEN 'other roles can create triggers on it'
         WHEN m.name IS NOT NULL
           THEN pg_catalog.format('it has no column "%s"', m.name)
         WHEN y.name IS NOT NULL
           THEN pg_catalog.format('its column "%s" is of a domain', y.name)
         WHEN p.name IS NOT NULL
           THEN pg_catalog.format('role "%s" has no privilege %s on it', current_user,
                                  p.name)
         WHEN q.name IS NOT NULL
           THEN pg_catalog.format('role "%s" has no privilege USAGE on its sequence %s',
                                  current_user, q.name)
       END AS problem
  FROM pg_catalog.pg_class AS c
       JOIN pg_catalog.pg_namespace AS n
         ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
       LEFT JOIN LATERAL (
         SELECT w.name
           FROM pg_catalog.unnest($2::pg_catalog.text[]) AS w (name)
          WHERE NOT EXISTS (SELECT
                              FROM pg_catalog.pg_attribute AS f
                             WHERE f.attrelid OPERATOR(pg_catalog.=) c.oid
                               AND f.attname OPERATOR(pg_catalog.=) w.name
                               AND f.attnum OPERATOR(pg_catalog.>) 0
                               AND NOT f.attisdropped)
          LIMIT 1) AS m
         ON true
       LEFT JOIN LATERAL (
         SELECT f.attname AS name
           FROM pg_catalog.pg_attribute AS f
                JOIN pg_catalog.pg_type AS k
                  ON k.oid OPERATOR(pg_catalog.=) f.atttypid
          WHERE f.attrelid OPERATOR(pg_catalog.=) c.oid
            AND f.attnum OPERATOR(pg_catalog.>) 0
            AND NOT f.attisdropped
            AND k.typtype OPERATOR(pg_catalog.=) 'd'
          LIMIT 1) AS y
         ON true
       LEFT JOIN LATERAL (
         SELECT w.name
           FROM pg_catalog.unnest($3::pg_catalog.text[]) AS w (name)
          WHERE NOT pg_catalog.has_table_privilege(c.oid, w.name)
          LIMIT 1) AS p
         ON true
       LEFT JOIN LATERAL ( -- of a serial column; that of an identity needs no privilege
         SELECT pg_catalog.format('%I.%I', v.nspname, s.relname) AS name
           FROM pg_catalog.pg_attrdef AS f
                JOIN pg_catalog.pg_depend AS d
                  ON d.classid OPERATOR(pg_catalog.=)
                       'pg_catalog.pg_attrdef'::pg_catalog.regclass
                     AND d.objid OPERATOR(pg_catalog.=) f.oid
                     AND d.refclassid OPERATOR(pg_catalog.=)
                           'pg_catalog.pg_class'::pg_catalog.regclass
                JOIN pg_catalog.pg_class AS s
                  ON s.oid OPERATOR(pg_catalog.=) d.refobjid
                JOIN pg_catalog.pg_namespace AS v
                  ON v.oid OPERATOR(pg_catalog.=) s.relnamespace
          WHERE f.adrelid OPERATOR(pg_catalog.=) c.oid
            AND 'INSERT' OPERATOR(pg_catalog.=) ANY ($3::pg_catalog.text[])
            AND CASE WHEN s.relkind OPERATOR(pg_catalog.=) 'S'
                       THEN NOT pg_catalog.has_sequence_privilege(s.oid, 'USAGE, UPDATE')
                END
          LIMIT 1) AS q
         ON true
 WHERE c.oid OPERATOR(pg_catalog.=) pg_catalog.to_regclass($1::pg_catalog.text)
   AND n.nspname OPERATOR(pg_catalog.<>) $4::pg_catalog.name
