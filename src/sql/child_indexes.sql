-- Indexes by which the children of a row can be found, as lists of the columns' numbers
-- in the order of the index; 0 is an expression. One that leaves out NULLs will do.
SELECT i.indrelid, pg_catalog.array_to_string(i.indkey::pg_catalog.int2[], ' ') AS columns
  FROM pg_catalog.pg_index AS i
       JOIN pg_catalog.pg_class AS x ON x.oid = i.indexrelid
       JOIN pg_catalog.pg_am AS m ON m.oid = x.relam
 WHERE i.indisvalid
   AND (i.indpred IS NULL
        OR pg_catalog.pg_get_expr(i.indpred, i.indrelid) = (
             SELECT pg_catalog.format('(%I IS NOT NULL)', a.attname)
               FROM pg_catalog.pg_attribute AS a
              WHERE a.attrelid = i.indrelid AND a.attnum = i.indkey[0]))
   AND m.amname = 'btree'
   AND i.indrelid >= 16384
