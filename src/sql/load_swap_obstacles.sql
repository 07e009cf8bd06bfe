-- Reasons against putting a new table into the place of the table $1: what would be
-- dropped with the old one, or would not come back. Rows: a text.
WITH target AS (
       SELECT c.*, y.typarray
         FROM pg_catalog.pg_class AS c
              LEFT JOIN pg_catalog.pg_type AS y ON y.oid OPERATOR(pg_catalog.=) c.reltype
        WHERE c.oid OPERATOR(pg_catalog.=) $1::pg_catalog.oid
     ),
     own_sequence AS (
       SELECT d.objid AS oid, d.deptype OPERATOR(pg_catalog.=) 'i' AS is_identity
         FROM target AS t
              JOIN pg_catalog.pg_depend AS d
                ON d.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::pg_catalog.regclass
                   AND d.refobjid OPERATOR(pg_catalog.=) t.oid
                   AND d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::pg_catalog.regclass
                   AND d.deptype OPERATOR(pg_catalog.=) ANY ('{a,i}')
              JOIN pg_catalog.pg_class AS q ON q.oid OPERATOR(pg_catalog.=) d.objid AND q.relkind OPERATOR(pg_catalog.=) 'S'
     ),
     -- what is made again or moved; other sequences than those of identities stay
     own AS (
       SELECT 'pg_catalog.pg_class'::pg_catalog.regclass AS classid, t.oid AS objid,
              true AS is_dropped
         FROM target AS t
        UNION ALL
       SELECT 'pg_catalog.pg_class'::pg_catalog.regclass, t.reltoastrelid, true
         FROM target AS t
        UNION ALL
       SELECT 'pg_catalog.pg_class'::pg_catalog.regclass, i.indexrelid, true
         FROM target AS t
              JOIN pg_catalog.pg_index AS i ON i.indrelid OPERATOR(pg_catalog.=) ANY (ARRAY[t.oid, t.reltoastrelid])
        UNION ALL
       SELECT 'pg_catalog.pg_class'::pg_catalog.regclass, q.oid, q.is_identity
         FROM own_sequence AS q
        UNION ALL
       SELECT 'pg_catalog.pg_type'::pg_catalog.regclass, y.oid, true
         FROM target AS t
              JOIN pg_catalog.pg_type AS y
                ON y.typrelid OPERATOR(pg_catalog.=) ANY (ARRAY[t.oid, t.reltoastrelid]) OR y.oid OPERATOR(pg_catalog.=) t.typarray
                   OR y.typrelid OPERATOR(pg_catalog.=) ANY (SELECT q.oid FROM own_sequence AS q)
        WHERE y.typrelid OPERATOR(pg_catalog.<>) 0 OR y.oid OPERATOR(pg_catalog.=) t.typarray
        UNION ALL
       SELECT 'pg_catalog.pg_constraint'::pg_catalog.regclass, k.oid, true
         FROM target AS t
              JOIN pg_catalog.pg_constraint AS k ON k.conrelid OPERATOR(pg_catalog.=) t.oid
        UNION ALL
       SELECT 'pg_catalog.pg_attrdef'::pg_catalog.regclass, a.oid, true
         FROM target AS t
              JOIN pg_catalog.pg_attrdef AS a ON a.adrelid OPERATOR(pg_catalog.=) t.oid
        UNION ALL
       SELECT 'pg_catalog.pg_statistic_ext'::pg_catalog.regclass, e.oid, true
         FROM target AS t
              JOIN pg_catalog.pg_statistic_ext AS e ON e.stxrelid OPERATOR(pg_catalog.=) t.oid
     ),
     needed AS (
       SELECT DISTINCT d.classid, d.objid
         FROM own AS o
              JOIN pg_catalog.pg_depend AS d
                ON d.refclassid OPERATOR(pg_catalog.=) o.classid AND d.refobjid OPERATOR(pg_catalog.=) o.objid
              LEFT JOIN pg_catalog.pg_trigger AS g
                ON d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_trigger'::pg_catalog.regclass
                   AND g.oid OPERATOR(pg_catalog.=) d.objid
        WHERE o.is_dropped
          AND g.tgisinternal IS NOT TRUE
          AND NOT EXISTS (SELECT
                            FROM own AS mine
                           WHERE mine.classid OPERATOR(pg_catalog.=) d.classid AND mine.objid OPERATOR(pg_catalog.=) d.objid)
     ),
     -- definitions that are repeated with other names must begin as they are known to
     named AS (
       SELECT t.oid, pg_catalog.format('%I.%I', n.nspname, t.relname) AS qname,
              pg_catalog.quote_ident(t.relname) AS name
         FROM target AS t
              JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) t.relnamespace
     )
SELECT CASE WHEN r.rulename OPERATOR(pg_catalog.=) '_RETURN'
            THEN pg_catalog.pg_describe_object(
                   'pg_catalog.pg_class'::pg_catalog.regclass, r.ev_class, 0)
            ELSE pg_catalog.pg_describe_object(x.classid, x.objid, 0) END
       OPERATOR(pg_catalog.||) ' depends on it'
  FROM needed AS x
       LEFT JOIN pg_catalog.pg_rewrite AS r
         ON x.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND r.oid OPERATOR(pg_catalog.=) x.objid
 UNION
SELECT pg_catalog.pg_describe_object('pg_catalog.pg_constraint'::pg_catalog.regclass,
                                     g.tgconstraint, 0) OPERATOR(pg_catalog.||) ' is switched off'
  FROM target AS t
       JOIN pg_catalog.pg_trigger AS g ON g.tgrelid OPERATOR(pg_catalog.=) t.oid
 WHERE g.tgisinternal
   AND g.tgenabled OPERATOR(pg_catalog.<>) 'O'
 UNION
SELECT CASE WHEN t.relkind OPERATOR(pg_catalog.=) 'p' THEN 'it is partitioned'
                      ELSE 'it is no ordinary table' END
  FROM target AS t
 WHERE t.relkind OPERATOR(pg_catalog.<>) 'r'
 UNION
SELECT CASE WHEN t.relispartition THEN 'it is a partition of '
            ELSE 'it inherits from ' END OPERATOR(pg_catalog.||)
       pg_catalog.pg_describe_object('pg_catalog.pg_class'::pg_catalog.regclass,
                                        h.inhparent, 0)
  FROM target AS t
       JOIN pg_catalog.pg_inherits AS h ON h.inhrelid OPERATOR(pg_catalog.=) t.oid
 UNION
SELECT pg_catalog.pg_describe_object('pg_catalog.pg_class'::pg_catalog.regclass,
                                     h.inhrelid, 0) OPERATOR(pg_catalog.||) ' inherits from it'
  FROM target AS t
       JOIN pg_catalog.pg_inherits AS h ON h.inhparent OPERATOR(pg_catalog.=) t.oid
 UNION
SELECT 'it is of ' OPERATOR(pg_catalog.||) pg_catalog.pg_describe_object(
                        'pg_catalog.pg_type'::pg_catalog.regclass, t.reloftype, 0)
  FROM target AS t
 WHERE t.reloftype OPERATOR(pg_catalog.<>) 0
 UNION
SELECT 'its row security would be lost'
  FROM target AS t
 WHERE t.relrowsecurity OR t.relforcerowsecurity
 UNION
SELECT pg_catalog.format('privileges of %s on %s would be lost',
                         CASE WHEN a.grantee OPERATOR(pg_catalog.=) 0 THEN 'public'
                              ELSE pg_catalog.pg_get_userbyid(a.grantee) END,
                         pg_catalog.pg_describe_object(
                           'pg_catalog.pg_class'::pg_catalog.regclass, c.oid, 0))
  FROM (SELECT t.oid, t.relowner, t.relacl, 'r'::pg_catalog."char" AS kind
          FROM target AS t
         UNION ALL
        SELECT c.oid, c.relowner, c.relacl, 's'::pg_catalog."char"
          FROM own_sequence AS q
               JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) q.oid
         WHERE q.is_identity) AS c
       CROSS JOIN LATERAL pg_catalog.aclexplode(c.relacl) AS a
 WHERE c.relacl OPERATOR(pg_catalog.<>) pg_catalog.acldefault(c.kind, c.relowner)
   AND (a.grantee OPERATOR(pg_catalog.<>) c.relowner OR pg_catalog.cardinality(c.relacl) OPERATOR(pg_catalog.=) 1)
 UNION
SELECT 'privileges of its owner were taken away'
  FROM target AS t
 WHERE pg_catalog.cardinality(t.relacl) OPERATOR(pg_catalog.=) 0
 UNION
SELECT pg_catalog.format('privileges on its column %I would be lost', a.attname)
  FROM target AS t
       JOIN pg_catalog.pg_attribute AS a ON a.attrelid OPERATOR(pg_catalog.=) t.oid
 WHERE a.attacl IS NOT NULL
   AND NOT a.attisdropped
 UNION
SELECT 'default privileges would grant what is not granted on it'
  FROM target AS t
       JOIN pg_catalog.pg_default_acl AS d
         ON d.defaclnamespace OPERATOR(pg_catalog.=) ANY (ARRAY[0, t.relnamespace]) AND d.defaclobjtype OPERATOR(pg_catalog.=) ANY ('{r,S}')
       JOIN pg_catalog.pg_roles AS u ON u.oid OPERATOR(pg_catalog.=) d.defaclrole
 WHERE u.rolname OPERATOR(pg_catalog.=) CURRENT_USER
 UNION
SELECT pg_catalog.format('its owner is %I, whose rights %I does not have', u.rolname,
                         CURRENT_USER)
  FROM target AS t
       JOIN pg_catalog.pg_roles AS u ON u.oid OPERATOR(pg_catalog.=) t.relowner
 WHERE NOT pg_catalog.pg_has_role(t.relowner, 'USAGE')
 UNION
SELECT pg_catalog.format('%I lacks the privilege to create tables in schema %I', CURRENT_USER, n.nspname)
  FROM target AS t
       JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) t.relnamespace
 WHERE NOT pg_catalog.has_schema_privilege(n.oid, 'CREATE')
 UNION
SELECT 'its security labels would be lost'
  FROM target AS t
       JOIN pg_catalog.pg_seclabel AS l
         ON l.classoid OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::pg_catalog.regclass AND l.objoid OPERATOR(pg_catalog.=) t.oid
 UNION
SELECT pg_catalog.format('%s belongs to extension %I, or depends on it',
                         pg_catalog.pg_describe_object(o.classid, o.objid, 0), e.extname)
  FROM own AS o
       JOIN pg_catalog.pg_depend AS d
         ON d.classid OPERATOR(pg_catalog.=) o.classid AND d.objid OPERATOR(pg_catalog.=) o.objid AND d.deptype OPERATOR(pg_catalog.=) ANY ('{e,x}')
       JOIN pg_catalog.pg_extension AS e
         ON d.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_extension'::pg_catalog.regclass
            AND e.oid OPERATOR(pg_catalog.=) d.refobjid
 UNION
SELECT 'a subscription fills it'
  FROM target AS t
       JOIN pg_catalog.pg_subscription_rel AS s ON s.srrelid OPERATOR(pg_catalog.=) t.oid
 UNION
SELECT pg_catalog.format('index %I is invalid, or made in a way not known', c.relname)
  FROM named AS t
       JOIN pg_catalog.pg_index AS i ON i.indrelid OPERATOR(pg_catalog.=) t.oid
       JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) i.indexrelid
 WHERE NOT i.indisvalid
    OR NOT pg_catalog.starts_with(
             pg_catalog.pg_get_indexdef(c.oid),
             pg_catalog.format('CREATE %sINDEX %I ON %s USING ',
                               CASE WHEN i.indisunique THEN 'UNIQUE ' END, c.relname,
                               t.qname))
 UNION
SELECT pg_catalog.format('foreign key %I refers to the table itself, and is not valid or '
                         'made in a way not known', k.conname)
  FROM named AS t
       JOIN pg_catalog.pg_constraint AS k
         ON k.conrelid OPERATOR(pg_catalog.=) t.oid AND k.confrelid OPERATOR(pg_catalog.=) t.oid AND k.contype OPERATOR(pg_catalog.=) 'f'
 WHERE NOT k.convalidated
    OR NOT pg_catalog.starts_with(
             pg_catalog.pg_get_constraintdef(k.oid),
             pg_catalog.format('FOREIGN KEY (%s) REFERENCES %s(',
                               (SELECT pg_catalog.string_agg(
                                         pg_catalog.quote_ident(a.attname), ', '
                                         ORDER BY c.place)
                                  FROM pg_catalog.unnest(k.conkey) WITH ORDINALITY
                                         AS c (attnum, place)
                                       JOIN pg_catalog.pg_attribute AS a
                                         ON a.attrelid OPERATOR(pg_catalog.=) t.oid AND a.attnum OPERATOR(pg_catalog.=) c.attnum),
                               t.qname))
 ORDER BY 1
