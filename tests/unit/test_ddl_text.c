#include "dump/ddl_text.h"

#include <stdlib.h>

#include "base/mem.h"
#include "tap.h"

#define HEADER                                                                           \
    "--\n-- PostgreSQL database dump\n--\n\n\\restrict Key1\n\n"                         \
    "-- Dumped from database version 15.20\n-- Dumped by pg_dump version 15.20\n\n"
#define OLD_HEADER                                                                       \
    "--\n-- PostgreSQL database dump\n--\n\n"                                            \
    "-- Dumped from database version 14.1\n-- Dumped by pg_dump version 14.1\n\n"
#define SETTINGS                                                                         \
    "SET client_encoding = 'UTF8';\n"                                                    \
    "SELECT pg_catalog.set_config('search_path', '', false);\n"                          \
    "SET row_security = off;\n"
#define OLD_TRAILER "--\n-- PostgreSQL database dump complete\n--\n\n"
#define TRAILER OLD_TRAILER "\\unrestrict Key1\n\n"

#define DROP_SCHEMA                                                                      \
    "DO $drop$ BEGIN\nDROP SCHEMA s;\n"                                                  \
    "EXCEPTION WHEN insufficient_privilege OR dependent_objects_still_exist THEN "       \
    "RAISE WARNING '%', SQLERRM;\nEND $drop$;\n"

static void
check_split_into(const char *script, const char *body, const char *name)
{
    DdlParts parts = {0};

    ok(ddl_text_split(script, &parts), "%s: is whole", name);
    is_str(parts.settings, SETTINGS, "%s: settings", name);
    is_str(parts.body, body, "%s: body", name);
    free(parts.settings);
    free(parts.body);
}

static void
check_split(void)
{
    static const char body[] =
        "SET default_tablespace = '';\n\n--\n-- Name: f\n--\n\n"
        "CREATE FUNCTION f() AS '\n\\restrict Key1\n" TRAILER "';\n";
    DdlParts parts = {0};
    char *script;

    check_split_into(HEADER SETTINGS "\n" TRAILER, "", "nothing");
    check_split_into(OLD_HEADER SETTINGS "\n" OLD_TRAILER, "", "nothing, old release");
    check_split_into(HEADER SETTINGS "\nSELECT 1;\n\n\n" TRAILER, "SELECT 1;\n", "new");
    check_split_into(OLD_HEADER SETTINGS "\nSELECT 1;\n\n\n" OLD_TRAILER, "SELECT 1;\n",
                     "old release");
    script = mem_format("%s%s\n\n%s", HEADER SETTINGS "\n", body, TRAILER);
    check_split_into(script, body, "look-alikes in a function");
    free(script);
    ok(!ddl_text_split(HEADER SETTINGS "\nSELECT 1;\n", &parts), "a cut script");
    ok(!ddl_text_split(HEADER SETTINGS "\n" OLD_TRAILER, &parts), "no \\unrestrict");
    ok(!ddl_text_split(HEADER SETTINGS "\n" OLD_TRAILER "\\unrestrict Key2\n\n", &parts),
       "another key");
    ok(!ddl_text_split("", &parts), "an empty script");
}

static void
check_drops_are(const char *body, bool if_exists, const char *expected, const char *name)
{
    char *drops = ddl_text_take_drops(body, if_exists);

    is_str(drops, expected, "%s", name);
    free(drops);
}

static void
check_drops(void)
{
    check_drops_are("", false, "", "no drops in an empty body");
    check_drops_are("--\n-- Name: t; Type: TABLE\n--\n\nCREATE TABLE t ();\n", false, "",
                    "no drops before the first entry");
    check_drops_are("DROP TABLE s.t;\nDROP SCHEMA s;\nSET default_tablespace = '';\n\n"
                    "--\n-- Name: t\n--\n\nCREATE TABLE t ();\n",
                    false, "DROP TABLE s.t;\n" DROP_SCHEMA,
                    "a setting belongs to the entry behind it");
    check_drops_are("DROP TABLE s.t;\nSET default_table_access_method = heap;\n", false,
                    "DROP TABLE s.t;\n", "as does this one");
    check_drops_are("DROP TABLE \"a\n--\n-- Name: \"\"b;\nSET default_tablespace = \";\n"
                    "-- *not* dropping \"schema, since initdb creates it\n"
                    "DROP TABLE c;\n--\n-- Name: c\n--\n",
                    false,
                    "DROP TABLE \"a\n--\n-- Name: \"\"b;\nSET default_tablespace = \";\n"
                    "-- *not* dropping \"schema, since initdb creates it\n"
                    "DROP TABLE c;\n",
                    "a name cannot look like an entry");
    check_drops_are(
        "CREATE OR REPLACE VIEW v AS\nSELECT\n    NULL::integer AS \"$drop$;\n"
        "\";\nDROP VIEW v;\n",
        false,
        "CREATE OR REPLACE VIEW v AS\nSELECT\n    NULL::integer AS \"$drop$;\n"
        "\";\nDROP VIEW v;\n",
        "a view is emptied");
    check_drops_are(
        "CREATE OR REPLACE VIEW v AS\nSELECT\n    NULL::integer AS \"$drop$;\n"
        "\";\nALTER TABLE IF EXISTS a DROP CONSTRAINT IF EXISTS b;\n"
        "DROP VIEW IF EXISTS v;\n",
        true,
        "DO $drop0$ BEGIN\n"
        "CREATE OR REPLACE VIEW v AS\nSELECT\n    NULL::integer AS \"$drop$;\n"
        "\";\n"
        "EXCEPTION WHEN invalid_schema_name OR undefined_table OR "
        "undefined_object THEN NULL;\nEND $drop0$;\n"
        "ALTER TABLE IF EXISTS a DROP CONSTRAINT IF EXISTS b;\n"
        "DROP VIEW IF EXISTS v;\n",
        "a view is emptied, or is not there");
}

static void
check_adapted(const char *script, const char *expected, const char *name)
{
    char *adapted = ddl_adapt(script);

    is_str(adapted, expected, "%s", name);
    free(adapted);
}

static void
check_adapt(void)
{
    static const char like[] =
        "CREATE FUNCTION f() RETURNS void\n    LANGUAGE sql\n    AS $_$\n"
        "CREATE SCHEMA s;\n$_$;\n\n"
        "CREATE VIEW v AS\n SELECT 'x;\nCOMMENT ON SCHEMA s IS NULL;\n' AS \"\n"
        "CREATE SCHEMA s;\n\";\n\n"
        "CREATE FUNCTION g() RETURNS integer\n    LANGUAGE sql\n    BEGIN ATOMIC\n"
        " SELECT 1;\nEND;\n";

    check_adapted("", "", "nothing");
    check_adapted(like, like, "what only looks like a statement stays");
    check_adapted("--\n-- Name: a'b\n--\n\nCREATE SCHEMA \"a'b\";\n\n\nSELECT 1;\n",
                  "--\n-- Name: a'b\n--\n\nDO $schema$ BEGIN\n"
                  "IF pg_catalog.to_regnamespace('\"a''b\"') IS NULL THEN\n"
                  "    CREATE SCHEMA \"a'b\";\nEND IF;\nEND $schema$;\n\n\nSELECT 1;\n",
                  "a schema may be there");
    check_adapted("COMMENT ON EXTENSION e IS '\n$comment$;\n';\nSELECT 1;\n",
                  "DO $comment0$ BEGIN\nCOMMENT ON EXTENSION e IS '\n$comment$;\n';\n"
                  "EXCEPTION WHEN insufficient_privilege THEN NULL;\nEND $comment0$;\n"
                  "SELECT 1;\n",
                  "an extension may be somebody else's");
    check_adapted(
        "ALTER TABLE ONLY s.set ALTER COLUMN set SET (pg_attver=1);\n\nSELECT 1;\n",
        "\nSELECT 1;\n", "a server's own option");
    check_adapted(
        "ALTER TABLE ONLY s.t ALTER COLUMN c SET (pg_a=1, n_distinct=2, pg_b=3);\n",
        "ALTER TABLE ONLY s.t ALTER COLUMN c SET (n_distinct=2);\n", "others stay");
    check_adapted("ALTER TABLE t ADD CONSTRAINT \"SET (pg_a=1\" UNIQUE (pg_b);\n",
                  "ALTER TABLE t ADD CONSTRAINT \"SET (pg_a=1\" UNIQUE (pg_b);\n",
                  "as do names");
}

int
main(void)
{
    check_split();
    check_drops();
    check_adapt();
    return done_testing();
}
