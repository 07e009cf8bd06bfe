-- A value that no other database has and that does not reveal its name: a hash of the
-- cluster's identifier, which initdb chose and every copy of its files has, and the oid.
SELECT pg_catalog.substr(
         pg_catalog.encode(
           pg_catalog.sha256(
             pg_catalog.convert_to(pg_catalog.concat(c.system_identifier, '/', d.oid),
                                   'UTF8')),
           'hex'),
         1, 32)
  FROM pg_catalog.pg_control_system() AS c
       CROSS JOIN pg_catalog.pg_database AS d
 WHERE d.datname = pg_catalog.current_database()
