-- The labels of enums that columns have, in their order. Only asked when columns are
-- masked.
SELECT e.enumtypid, e.enumlabel
  FROM pg_catalog.pg_enum AS e
 ORDER BY e.enumtypid, e.enumsortorder
