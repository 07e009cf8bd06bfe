-- Large objects in the order of their numbers, and whether the role can read them.
SELECT m.oid,
       (pg_catalog.pg_has_role(m.lomowner, 'USAGE')
        OR pg_catalog.current_setting('lo_compat_privileges')::pg_catalog.bool
        OR EXISTS (
             SELECT
               FROM pg_catalog.aclexplode(m.lomacl) AS a
              WHERE a.privilege_type = 'SELECT'
                AND (a.grantee = 0 OR pg_catalog.pg_has_role(a.grantee, 'USAGE'))))
         AS is_readable
  FROM pg_catalog.pg_largeobject_metadata AS m
 ORDER BY m.oid
