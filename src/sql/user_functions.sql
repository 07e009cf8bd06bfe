-- Are there functions with bodies that are not in C? Most databases have none, and then
-- longer questions about what calls them need not be asked.
SELECT EXISTS (
         SELECT
           FROM pg_catalog.pg_proc AS p
                JOIN pg_catalog.pg_language AS l ON l.oid = p.prolang
          WHERE p.oid >= 16384
            AND l.lanname NOT IN ('internal', 'c'))
