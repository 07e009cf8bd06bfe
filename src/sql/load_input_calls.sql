-- Calls of input functions, as COPY makes them for the columns of the staging table $1 behind
-- its first one, which is the record's number: of texts, in columns c1, c2 and so on of a record
-- "line". Every text is a value of type text.
SELECT place.number,
       pg_catalog.format('%I.%I(pg_catalog.textout(line.c%s)%s%s)', n.nspname, p.proname, place.number,
         CASE WHEN p.pronargs OPERATOR(pg_catalog.>=) 2 THEN
           pg_catalog.format(', %L::pg_catalog.oid',
             CASE WHEN t.typelem OPERATOR(pg_catalog.<>) 0 THEN t.typelem ELSE t.oid END)
         END,
         CASE WHEN p.pronargs OPERATOR(pg_catalog.>=) 3 THEN
           pg_catalog.format(', %L::pg_catalog.int4', a.atttypmod)
         END) AS call
  FROM pg_catalog.pg_attribute AS a
       CROSS JOIN LATERAL (
         SELECT a.attnum OPERATOR(pg_catalog.-) 1
       ) AS place (number)
       JOIN pg_catalog.pg_type AS t ON t.oid OPERATOR(pg_catalog.=) a.atttypid
       JOIN pg_catalog.pg_proc AS p ON p.oid OPERATOR(pg_catalog.=) t.typinput
       JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) p.pronamespace
 WHERE a.attrelid OPERATOR(pg_catalog.=) $1::pg_catalog.regclass
   AND a.attnum OPERATOR(pg_catalog.>) 0
   AND a.attname OPERATOR(pg_catalog.<>) '_pg_sample_load_record'
   AND p.oid OPERATOR(pg_catalog.<>) 'pg_catalog.textin'::pg_catalog.regproc
 ORDER BY a.attnum
