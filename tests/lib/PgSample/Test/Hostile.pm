package PgSample::Test::Hostile;

# A schema public in which everything of pg_catalog has a double that raises an error: who
# writes a bare name under a search_path that begins with public calls it.

use strict;
use warnings;

use Exporter qw(import);

our @EXPORT = qw(plant_doubles);

my $FUNCTIONS = <<'SQL';
CREATE FUNCTION public.boom(what text) RETURNS bool LANGUAGE plpgsql AS
  $$ BEGIN RAISE EXCEPTION 'a double was called: %', what; END $$;
DO $do$
DECLARE
    o record;
    n int := 0;
BEGIN
    FOR o IN SELECT p.proname AS name,
                    ARRAY(SELECT t::regtype::text FROM unnest(p.proargtypes::oid[]) AS t) AS types
               FROM pg_proc AS p
              WHERE p.pronamespace = 'pg_catalog'::regnamespace
                AND p.prokind IN ('f', 'a', 'w')
                AND p.pronargs > 0
                AND NOT EXISTS (SELECT
                                  FROM unnest(p.proargtypes::oid[]) AS a
                                       JOIN pg_type AS t ON t.oid = a
                                 WHERE t.typtype = 'p' AND t.typname NOT LIKE 'any%'
                                    OR t.typname = 'any')
    LOOP
        BEGIN
            EXECUTE format('CREATE FUNCTION public.%I(%s) RETURNS text LANGUAGE plpgsql AS %L',
                           o.name, array_to_string(o.types, ', '),
                           format('BEGIN RAISE EXCEPTION ''%%'', %L; END',
                                  'a double was called: function ' || o.name));
        EXCEPTION WHEN feature_not_supported OR invalid_function_definition THEN
            n := n + 1; -- a type that plpgsql does not take
        END;
    END LOOP;
    FOR o IN SELECT p.oprname AS name, p.oprleft::regtype AS l, p.oprright::regtype AS r,
                    CASE WHEN p.oprresult = 'bool'::regtype THEN 'bool' ELSE 'text' END AS result
               FROM pg_operator AS p
              WHERE p.oprnamespace = 'pg_catalog'::regnamespace AND p.oprkind = 'b'
              UNION
             SELECT name, t.oid::regtype, t.oid::regtype, 'bool'
               FROM pg_type AS t
                    CROSS JOIN unnest('{=,<>,<,>,<=,>=}'::text[]) AS name
                    LEFT JOIN pg_type AS i ON i.oid = t.typelem
              WHERE t.typtype IN ('b', 'e', 'd')
                AND i.typtype IS DISTINCT FROM 'c'
                AND t.typnamespace <> 'information_schema'::regnamespace
    LOOP
        n := n + 1;
        EXECUTE format('CREATE FUNCTION public.double_%s(%s, %s) RETURNS %s LANGUAGE plpgsql AS %L',
                       n, o.l, o.r, o.result,
                       format('BEGIN RAISE EXCEPTION ''%%'', %L; END',
                              format('a double was called: operator %s (%s, %s)', o.name, o.l, o.r)));
        EXECUTE format('CREATE OPERATOR public.%s (FUNCTION = public.double_%s, LEFTARG = %s, RIGHTARG = %s)',
                       o.name, n, o.l, o.r);
    END LOOP;
    FOR o IN SELECT t.typname AS name
               FROM pg_type AS t
              WHERE t.typnamespace = 'pg_catalog'::regnamespace AND t.typtype = 'b'
                AND t.typname NOT LIKE '\_%' AND t.typname NOT LIKE 'pg\_%'
    LOOP
        EXECUTE format('CREATE DOMAIN public.%I AS pg_catalog.%I CHECK (public.boom(%L))',
                       o.name, o.name, 'type ' || o.name);
    END LOOP;
END $do$;
SQL

# What is in the database comes before: it keeps what it means. Returns a superuser whose
# sessions look into public first.
sub plant_doubles
{
    my ($database) = @_;
    my $role = $database->server->create_role(undef, 'SUPERUSER');
    $database->sql($FUNCTIONS);
    $database->sql("ALTER ROLE $role SET search_path = public, pg_catalog");
    return $role;
}

1;
