/* The loader's schema and the tables in it: created where they are missing. */
#include "load/registry/registry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/die.h"
#include "base/display.h"
#include "base/log.h"
#include "db/sql_text.h"
#include "db/sqlstate.h"
#include "load/registry/registry_internal.h"
#include "load/registry/registry_name.h"

/* The schema and the tables in it, as the server sees them. */
typedef struct SchemaState
{
    char *qname;
    int n_bytes;
    bool is_there;
    bool is_usable;
    bool is_complete;
    bool is_writable;
    bool has_batches; /* those of batches, undo and audit are there, and writable */
} SchemaState;

static SchemaState
read_schema_state(const LoadBatch *batch)
{
    PGresult *result =
        db_query_params(batch->db, sql_load_schema, 1, &batch->settings->schema_name);
    RowReader row = row_reader(result);
    SchemaState state = {0};

    if (row_next(&row))
    {
        state.qname = arena_copy_string(batch->arena, row_text(&row));
        state.n_bytes = row_int(&row);
        state.is_there = row_bool(&row);
        state.is_usable = row_bool(&row);
        state.is_complete = row_bool(&row);
        state.is_writable = row_bool(&row);
        state.has_batches = row_bool(&row);
    }
    PQclear(result);
    if (state.n_bytes > TABLE_NAME_MAX)
        die_hint(EXIT_USAGE, "Names have at most 63 bytes.",
                 "the name of the schema is too long: \"%s\"",
                 batch->settings->schema_name);
    return state;
}

static bool
is_trusted(const LoadBatch *batch, Diag *diag)
{
    return registry_trust(batch->db, batch->settings->schema_name,
                          "{run,reject,batch,batch_load_log,undo,audit_log}", NULL,
                          diag) != TRUST_FOREIGN;
}

static void
report_privilege(Diag *diag, const LoadBatch *batch, const SchemaState *state)
{
    if (state->is_there)
        diag_set_hint(
            diag,
            "The role \"%s\", which owns schema %s, needs the privileges of an owner on "
            "it and on its tables run, reject, batch, batch_load_log, undo and audit_log;"
            " or name another schema with --schema-name.",
            db_user(batch->db), state->qname);
    else
        diag_set_hint(diag,
                      "The role \"%s\" needs the privilege CREATE on database \"%s\"; or "
                      "let an administrator run: CREATE SCHEMA %s AUTHORIZATION \"%s\".",
                      db_user(batch->db), db_name(batch->db), state->qname,
                      db_user(batch->db));
}

bool
registry_schema_is_obstacle(const PGresult *result)
{
    return sqlstate_is_any(result,
                           (const char *const[]){SQLSTATE_INSUFFICIENT_PRIVILEGE,
                                                 SQLSTATE_CLASS_FEATURE_NOT_SUPPORTED,
                                                 SQLSTATE_DISK_FULL, NULL});
}

static bool
create(const LoadBatch *batch, const SchemaState *state, const char *statement,
       Diag *diag)
{
    PGresult *result = db_try(batch->db, statement);
    bool is_there = db_succeeded(result) || sqlstate_is_created_meanwhile(result);

    if (!is_there && !registry_schema_is_obstacle(result))
        db_error_die(batch->db, result, NULL);
    if (!is_there)
    {
        diag_set_message(diag, "%s", PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY));
        report_privilege(diag, batch, state);
    }
    PQclear(result);
    return is_there;
}

static bool
create_missing(const LoadBatch *batch, const SchemaState *state, Diag *diag)
{
    PGresult *result =
        db_query_params(batch->db, sql_load_objects, 1, &batch->settings->schema_name);
    RowReader row = row_reader(result);
    bool is_good = true;

    while (is_good && row_next(&row))
    {
        const char *statement = row_text(&row);

        if (!row_bool(&row))
            continue;
        if (strncmp(statement, "COMMENT", strlen("COMMENT")) == 0)
            PQclear(db_try(batch->db, statement)); /* an error does not matter */
        else
            is_good = create(batch, state, statement, diag);
    }
    PQclear(result);
    return is_good;
}

static bool
fail_for_privilege(const LoadBatch *batch, const SchemaState *state, const char *what,
                   Diag *diag)
{
    diag_set_message(diag, "permission denied for %s %s", what, state->qname);
    report_privilege(diag, batch, state);
    return false;
}

/* Privileges are checked first: standard input can be read only once. */
bool
registry_schema_open(LoadBatch *batch, Diag *diag)
{
    SchemaState state = read_schema_state(batch);

    if (!is_trusted(batch, diag))
        return false;
    if (!state.is_complete)
    {
        if (state.is_there && !state.is_usable)
            return fail_for_privilege(batch, &state, "schema", diag);
        if (!create_missing(batch, &state, diag))
            return false;
        /* another role can have created it in the meantime */
        if (!is_trusted(batch, diag))
            return false;
        state = read_schema_state(batch);
    }
    if (!state.is_usable)
        return fail_for_privilege(batch, &state, "schema", diag);
    if (!state.is_writable || (batch->settings->is_batch && !state.has_batches))
        return fail_for_privilege(batch, &state, "the tables of schema", diag);
    batch->schema = state.qname;
    return true;
}

/* ---- --init and --print-ddl */

void
registry_schema_init(LoadBatch *batch)
{
    Diag diag = {0};

    registry_status_prepare(batch->db);
    if (!registry_schema_open(batch, &diag))
        die(EXIT_SERVER, &diag);
    origins_prepare(batch);
    log_info("schema %s is ready", batch->schema);
}

/* A statement can have several lines; names in it are shown as in messages. */
static void
print_statement(const char *statement)
{
    for (const char *line = statement;; line++)
    {
        size_t length = strcspn(line, "\n");
        bool is_last = line[length] == '\0';

        display(stdout, "%.*s%s\n", (int)length, line, is_last ? ";" : "");
        if (is_last)
            return;
        line += length;
    }
}

void
registry_schema_print(Db *db, const char *schema_name)
{
    PGresult *result;
    RowReader row;
    char *become;

    registry_status_prepare(db);
    become = db_query_value(db, "SELECT pg_catalog.format('SET ROLE %I', current_user)");
    result = db_query_params(db, sql_load_objects, 1, &schema_name);
    row = row_reader(result);
    for (int i = 0; row_next(&row); i++)
    {
        print_statement(row_text(&row));
        if (i == 0)
            print_statement(become);
    }
    print_statement("SET ROLE NONE");
    PQclear(result);
    free(become);
    if (fflush(stdout) != 0 || ferror(stdout))
        die_errno(EXIT_OUTPUT, "could not write to standard output");
}
