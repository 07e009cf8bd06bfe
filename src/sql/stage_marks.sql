-- Staging schemas in this database, by their mark. Nothing here takes a lock on a table in
-- them, as pg_relation_size() would: another run may be dropping them at this moment.
SELECT n.nspname AS schema,
       pg_catalog.pg_get_userbyid(n.nspowner) AS owner,
       pg_catalog.pg_get_userbyid(n.nspowner) = current_user AS is_own,
       EXISTS (
         SELECT
           FROM pg_catalog.pg_constraint AS k
                JOIN pg_catalog.pg_class AS c ON c.oid = k.conrelid
                JOIN pg_catalog.pg_class AS p ON p.oid = k.confrelid
          WHERE k.contype = 'f'
            AND p.relnamespace = n.oid
            AND c.relnamespace <> n.oid) AS is_referenced
  FROM pg_catalog.pg_namespace AS n
       JOIN pg_catalog.pg_description AS d
         ON d.objoid = n.oid
            AND d.classoid = 'pg_catalog.pg_namespace'::pg_catalog.regclass
 WHERE d.description LIKE 'pg-sample staging schema%'
 ORDER BY n.nspname COLLATE "C"
