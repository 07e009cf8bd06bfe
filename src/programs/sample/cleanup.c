/* --cleanup: lists or drops the schemas that runs of pg-sample have left. */
#include "programs/sample/run_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/display.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/plural.h"
#include "db/row.h"
#include "db/sql_text.h"
#include "sample/staging/staging_schema.h"

typedef struct FoundSchema
{
    const char *name;
    const char *qname;
    const char *owner;
    bool is_own;
    bool is_kept;
    bool has_manifest;
    const char *n_tables;
    const char *size;
} FoundSchema;

static FoundSchema
read_found_schema(RowReader *row)
{
    FoundSchema found = {0};

    found.name = row_text(row);
    found.qname = row_text(row);
    found.owner = row_text(row);
    found.is_own = row_bool(row);
    found.is_kept = row_bool(row);
    found.has_manifest = row_bool(row);
    found.n_tables = row_text(row);
    found.size = row_text(row);
    return found;
}

/* "sampling", "complete" or "kept", and when it began; "" if that is not known. */
static char *
read_state(Db *db, const FoundSchema *found, char **started)
{
    Diag diag = {0};
    bool is_readable =
        found->has_manifest &&
        staging_schema_trust(db, found->name, STAGING_LIST, NULL, &diag) == TRUST_OWN;
    char *sql = mem_format("SELECT state, pg_catalog.to_char(started, "
                           "'YYYY-MM-DD HH24:MI:SS') FROM %s.manifest_run",
                           found->qname);
    PGresult *result = is_readable ? db_try(db, sql) : NULL;
    bool is_known = result != NULL && db_succeeded(result) && PQntuples(result) == 1;
    char *state = mem_copy_string(is_known ? PQgetvalue(result, 0, 0) : "");

    *started = mem_copy_string(is_known ? PQgetvalue(result, 0, 1) : "?");
    PQclear(result);
    free(sql);
    diag_free(&diag);
    return state;
}

static const char *
describe_state(const FoundSchema *found, const char *state, bool is_live)
{
    if (is_live)
        return "in use";
    if (!found->is_own)
        return "of another role";
    if (found->is_kept)
        return state[0] != '\0' ? "kept" : "kept, unreadable";
    if (strcmp(state, "complete") == 0)
        return "left over, whole";
    return "left over";
}

/* Drops a schema that is not in use; false if that is not possible. */
static bool
drop_schema(Db *db, const FoundSchema *found)
{
    Diag diag = {0};
    SchemaTrust trust = staging_schema_trust(db, found->name, STAGING_DROP, NULL, &diag);

    if (trust == TRUST_OWN)
        staging_schema_drop(db, found->qname);
    else if (trust == TRUST_FOREIGN)
        log_warning("%s, and is not dropped", diag.message);
    diag_free(&diag);
    return trust != TRUST_FOREIGN;
}

static bool
handle_schema(Db *db, const FoundSchema *found, CleanupRequest request)
{
    bool is_live = !staging_schema_lock(db, found->name);
    char *started;
    char *state = read_state(db, found, &started);
    bool is_to_drop = request == CLEANUP_DROP && !is_live && !found->is_kept;
    bool is_done = true;

    if (is_to_drop)
        is_done = drop_schema(db, found);
    display(stdout, "%-24s %-18s %-19s %6s %10s  %s\n", found->name,
            is_to_drop && is_done ? "dropped" : describe_state(found, state, is_live),
            started, found->n_tables, found->size, found->owner);
    if (!is_live)
        staging_schema_unlock(db, found->name);
    free(state);
    free(started);
    return is_done;
}

void
cleanup_run(Db *db, CleanupRequest request, const char *schema)
{
    PGresult *result;
    RowReader row;
    int n_failed = 0;

    db_session_need(db, "--cleanup");
    db_session_set(db, (const char *const[]){"search_path", "",
                                             "default_transaction_read_only", "off",
                                             "client_min_messages", "warning", NULL});
    result = db_query(db, sql_stage_schemas);
    row = row_reader(result);
    if (PQntuples(result) == 0)
        log_notice("database \"%s\" has no staging schema", db_name(db));
    else
        display(stdout, "%-24s %-18s %-19s %6s %10s  %s\n", "schema", "state", "started",
                "tables", "size", "owner");
    while (row_next(&row))
    {
        FoundSchema found = read_found_schema(&row);

        if (schema == NULL || strcmp(schema, found.name) == 0)
            n_failed += handle_schema(db, &found, request) ? 0 : 1;
    }
    PQclear(result);
    if (fflush(stdout) != 0 || ferror(stdout))
        die_errno(EXIT_OUTPUT, "could not write to standard output");
    if (n_failed > 0)
        die_message(EXIT_SERVER, "%d staging schema%s could not be dropped", n_failed,
                    plural(n_failed));
}
