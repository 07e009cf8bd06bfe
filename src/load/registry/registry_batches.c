/* The table of batches, for --status and --gc. */
#include <stdio.h>
#include <stdlib.h>

#include "base/die.h"
#include "base/display.h"
#include "base/mem.h"
#include "db/db.h"
#include "load/registry/registry_internal.h"

/* Its name in SQL, owned by the caller, or NULL. */
static char *
find_batches(Db *db, const char *schema_name)
{
    PGresult *result;
    Diag diag = {0};

    if (registry_trust(db, schema_name, "{batch}", NULL, &diag) == TRUST_FOREIGN)
        die(EXIT_SERVER, &diag);
    result = db_query_params(db,
                             "SELECT pg_catalog.to_regclass(pg_catalog.quote_ident("
                             "$1::pg_catalog.text)"
                             " OPERATOR(pg_catalog.||) '.batch')::pg_catalog.text",
                             1, &schema_name);
    return db_query_take_value(result);
}

PGresult *
registry_batches_list(Db *db, const char *schema_name, const char *batch_id)
{
    char *batches = find_batches(db, schema_name);
    char *sql;
    PGresult *result;

    if (batches == NULL)
        return NULL;
    sql = mem_format(
        "SELECT b.batch_id, b.table_name, b.state, b.fragments, b.records,\n"
        "       pg_catalog.date_trunc('second',\n"
        "         COALESCE(b.committed_at, b.approved_at, b.started_at)),\n"
        "       b.approved_by\n"
        "  FROM %s AS b\n"
        " WHERE $1::pg_catalog.text IS NULL OR b.batch_id OPERATOR(pg_catalog.=) $1\n"
        " ORDER BY COALESCE(b.committed_at, b.approved_at, b.started_at),\n"
        "       b.batch_id COLLATE pg_catalog.\"C\",\n"
        "       b.table_name COLLATE pg_catalog.\"C\"",
        batches);
    result = db_query_params(db, sql, 1, &batch_id);
    free(sql);
    free(batches);
    return result;
}

void
registry_batches_collect(Db *db, const char *schema_name, const char *older_than)
{
    char *batches = find_batches(db, schema_name);
    char *sql;
    PGresult *result;

    if (batches == NULL)
        return;
    sql = mem_format(
        "DELETE FROM %s AS b\n"
        " WHERE b.state OPERATOR(pg_catalog.<>) ALL ('{committed,rolled_back}')\n"
        "   AND COALESCE(b.approved_at, b.started_at)"
        " OPERATOR(pg_catalog.<)\n"
        "       (pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-)"
        " $1::pg_catalog.interval)\n"
        "RETURNING b.batch_id, b.table_name, b.state",
        batches);
    result = db_query_params(db, sql, 1, &older_than);
    for (int i = 0; i < PQntuples(result); i++)
        display(stdout, "forgot batch %s (table %s, %s)\n", PQgetvalue(result, i, 0),
                PQgetvalue(result, i, 1), PQgetvalue(result, i, 2));
    PQclear(result);
    free(sql);
    free(batches);
}
