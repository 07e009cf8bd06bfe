/* A part of target.h: finds tables by name. */
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/mem.h"
#include "db/row.h"
#include "db/sql_text.h"
#include "db/sqlstate.h"
#include "load/plan/target.h"
#include "model/nearest_name.h"

/* The oid, or 0: there is no such relation in the search_path. */
static CatalogOid
resolve_name(Db *db, const char *name)
{
    char *literal = db_quote_literal(db, name);
    char *sql = mem_format("SELECT pg_catalog.to_regclass(%s)::pg_catalog.oid", literal);
    PGresult *result;
    CatalogOid oid = 0;

    db_set_context(db, "could not look up table %s", name);
    result = db_try(db, sql);
    if (!db_succeeded(result))
    {
        if (sqlstate_is(result, SQLSTATE_INVALID_NAME))
            die_hint(EXIT_USAGE,
                     "Write [SCHEMA.]TABLE, with double quotes where SQL needs them.",
                     "\"%s\" is not the name of a table", name);
        db_error_die(db, result, NULL);
    }
    db_set_context(db, NULL);
    if (!PQgetisnull(result, 0, 0))
        oid = (CatalogOid)strtoul(PQgetvalue(result, 0, 0), NULL, 10);
    PQclear(result);
    free(sql);
    PQfreemem(literal);
    return oid;
}

/* A table in a schema that the role must not use is not found, either. */
static void
set_nearest_hint(Db *db, const char *nearest, Diag *diag)
{
    PGresult *result =
        db_query_params(db,
                        "SELECT n.nspname, current_user\n"
                        "  FROM pg_catalog.pg_class AS c\n"
                        "       JOIN pg_catalog.pg_namespace AS n"
                        " ON n.oid OPERATOR(pg_catalog.=) c.relnamespace\n"
                        " WHERE pg_catalog.format('%I.%I', n.nspname, c.relname)"
                        " OPERATOR(pg_catalog.=) $1::pg_catalog.text\n"
                        "   AND NOT pg_catalog.has_schema_privilege(n.oid, 'USAGE')",
                        1, &nearest);

    if (PQntuples(result) > 0)
        diag_set_hint(diag,
                      "Perhaps you mean %s, but the role \"%s\" has no privilege USAGE "
                      "on schema \"%s\".",
                      nearest, PQgetvalue(result, 0, 1), PQgetvalue(result, 0, 0));
    else
        diag_set_hint(diag, "Perhaps you mean %s.", nearest);
    PQclear(result);
}

static _Noreturn void
die_missing(Db *db, const Catalog *catalog, const char *name)
{
    const char *quote = strchr(name, '"') == NULL ? "\"" : "";
    Pattern pattern;
    Diag diag = {0};
    const char *nearest = NULL;

    if (pattern_parse(&pattern, catalog->arena, name, &diag))
        nearest = nearest_name_of_table(catalog, &pattern);
    diag_free(&diag);
    diag_set_message(&diag, "table %s%s%s does not exist", quote, name, quote);
    if (nearest != NULL)
        set_nearest_hint(db, nearest, &diag);
    else
        diag_set_hint(&diag, "It is looked up in the search_path of the connection, "
                             "unless it is written as SCHEMA.TABLE.");
    die(EXIT_SERVER, &diag);
}

/* The relation exists, but cannot be loaded. */
static _Noreturn void
die_other(Db *db, const Catalog *catalog, const char *name, CatalogOid oid)
{
    char *text = mem_format("%u", oid);
    const char *values[] = {text};
    PGresult *result = db_query_params(db, sql_load_other_relation, 1, values);
    RowReader row = row_reader(result);
    const char *qname;
    const char *kind;
    const char *root;

    if (!row_next(&row))
        die_missing(db, catalog, name);
    qname = row_text(&row);
    kind = row_text(&row);
    root = row_text(&row);
    if (root != NULL)
    {
        char *hint =
            mem_format("Load %s, and the server will choose the partitions.", root);

        die_hint(EXIT_SERVER, hint, "%s is %s; it cannot be loaded by itself", qname,
                 kind);
    }
    die_message(EXIT_SERVER, "%s is %s; only tables can be loaded", qname, kind);
}

int
target_find_root(Db *db, const Catalog *catalog, const char *name,
                 const Partition **partition)
{
    CatalogOid oid = resolve_name(db, name);
    int relation;

    if (oid == 0)
        die_missing(db, catalog, name);
    *partition = catalog_find_partition(catalog, oid);
    relation =
        *partition != NULL ? (*partition)->relation : catalog_find_relation(catalog, oid);
    if (relation < 0)
        die_other(db, catalog, name, oid);
    return relation;
}

int
target_find(Db *db, const Catalog *catalog, const char *name)
{
    const Partition *partition;
    int relation = target_find_root(db, catalog, name, &partition);

    if (partition != NULL)
        die_other(db, catalog, name, partition->oid);
    return relation;
}
