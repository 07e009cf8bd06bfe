-- Indexes by which the children of a row can be found, as lists of the columns' numbers
-- in the order of the index; 0 is an expression.
SELECT i.indrelid, pg_catalog.array_to_string(i.indkey::pg_catalog.int2[], ' ') AS columns
  FROM pg_catalog.pg_index AS i
       JOIN pg_catalog.pg_class AS x ON x.oid = i.indexrelid
       JOIN pg_catalog.pg_am AS m ON m.oid = x.relam
 WHERE i.indisvalid
   AND i.indpred IS NULL
   AND m.amname = 'btree'
   AND i.indrelid >= 16384
