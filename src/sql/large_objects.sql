-- Numbers of all large objects, in order.
SELECT m.oid
  FROM pg_catalog.pg_largeobject_metadata AS m
 ORDER BY m.oid
