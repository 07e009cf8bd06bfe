-- What every connection of the loader needs, as far as this server knows the setting: names
-- mean one thing, and row security is an error instead of missing rows. How dates and numbers
-- are written stays as the user has it.
SELECT w.name, pg_catalog.set_config(w.name, w.value, $1)
  FROM (VALUES
         ('search_path', ''),
         ('row_security', 'off'),
         ('standard_conforming_strings', 'on'),
         ('bytea_output', 'hex'),
         ('extra_float_digits', '3'),
         ('quote_all_identifiers', 'off'),
         ('default_transaction_isolation', 'read committed'),
         ('default_transaction_read_only', 'off'),
         ('default_transaction_deferrable', 'off'),
         ('client_min_messages', 'warning'),
         ('jit', 'off')) AS w (name, value)
 WHERE pg_catalog.current_setting(w.name, true) IS NOT NULL
