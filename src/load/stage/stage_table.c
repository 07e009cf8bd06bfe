#include <stdlib.h>

#include "base/die.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/strbuf.h"
#include "db/db.h"
#include "db/sqlstate.h"
#include "load/registry/registry.h"
#include "load/registry/registry_internal.h"
#include "load/stage/stage_internal.h"

static const char space_hint[] = "Free space, or load one table at a time; staging needs "
                                 "about the size of the input.";

/* ---- which kind */

static bool
begin_kind(StageState *state, StageKind kind)
{
    LoadBatch *batch = state->batch;

    batch->stage_kind = kind;
    if (kind == STAGE_TEMPORARY)
    {
        state->has_tried_temporary = true;
        db_execute(batch->db, "BEGIN");
    }
    if (kind == STAGE_UNLOGGED)
        state->has_tried_unlogged = true;
    return kind != STAGE_NONE;
}

/* Removes the tables of the kind that failed. */
static void
forget_kind(StageState *state)
{
    LoadBatch *batch = state->batch;

    for (int i = 0; i < batch->n_tables; i++)
        batch->tables[i].stage = NULL;
    if (batch->stage_kind == STAGE_TEMPORARY)
        db_execute(batch->db, "ROLLBACK");
    else if (batch->stage_kind == STAGE_UNLOGGED)
        registry_tables_drop();
}

static _Noreturn void
die_no_staging(const char *reason)
{
    const Diag *obstacle = registry_get_obstacle();

    die_hint(EXIT_SERVER,
             obstacle->hint != NULL
                 ? obstacle->hint
                 : "With --staging=auto temporary tables are used, or rows are written "
                   "directly.",
             "could not create staging tables: %s", reason);
}

bool
stage_table_fall_back(StageState *state, const char *reason)
{
    LoadBatch *batch = state->batch;

    if (batch->settings->stage_only || batch->settings->staging == STAGING_ALWAYS)
        die_no_staging(reason);
    log_warning("Staging approach failed: %s", reason);
    forget_kind(state);
    if (!state->has_tried_temporary)
    {
        log_warning("Falling back to temporary tables, in one transaction");
        return begin_kind(state, STAGE_TEMPORARY);
    }
    if (!state->has_tried_unlogged && batch->schema != NULL)
    {
        log_warning("Falling back to unlogged tables in schema %s", batch->schema);
        return begin_kind(state, STAGE_UNLOGGED);
    }
    for (int i = 0; i < batch->n_tables; i++)
        log_warning("Falling back to direct write to %s table", batch->tables[i].name);
    if (batch->n_tables == 0)
        log_warning("Falling back to direct write, in one transaction");
    return begin_kind(state, STAGE_NONE);
}

void
stage_table_choose_kind(StageState *state, StageKind kind)
{
    const LoadBatch *batch = state->batch;
    const Diag *obstacle = registry_get_obstacle();

    if (kind != STAGE_UNLOGGED || batch->schema != NULL)
    {
        (void)begin_kind(state, kind);
        return;
    }
    state->has_tried_unlogged = true;
    (void)stage_table_fall_back(state, obstacle->message != NULL ? obstacle->message
                                                                 : "there is no schema");
}

/* ---- the tables */

/*
 * The record is the first column, as the diff names it first: rows whose columns are in
 * the order in which a query names them are sorted and hashed as they are.
 */
static char *
format_create(const LoadBatch *batch, const LoadTable *table)
{
    const Relation *relation = table->target->relation;
    PQExpBufferData sql;

    initPQExpBuffer(&sql);
    if (batch->stage_kind == STAGE_TEMPORARY)
        appendPQExpBuffer(&sql, "CREATE TEMPORARY TABLE %s ON COMMIT DROP AS\n",
                          table->stage);
    else
        appendPQExpBuffer(&sql,
                          "CREATE UNLOGGED TABLE %s WITH (autovacuum_enabled = off) AS\n",
                          table->stage);
    appendPQExpBufferStr(&sql, "SELECT NULL::pg_catalog.int8 AS " RECORD_COLUMN);
    for (int i = 0; i < table->n_columns; i++)
        appendPQExpBuffer(&sql, ", %s", relation->columns[table->columns[i]].qname);
    if (table->has_presence)
        appendPQExpBufferStr(&sql, ", NULL::pg_catalog.varbit AS " PRESENT_COLUMN);
    appendPQExpBuffer(&sql, "\n  FROM %s\n  WITH NO DATA", relation->qname);
    return sql.data;
}

static _Noreturn void
die_creating(const LoadBatch *batch, const LoadTable *table, const PGresult *result)
{
    const char *hint = NULL;

    if (sqlstate_is(result, SQLSTATE_DISK_FULL))
        hint = space_hint;
    else if (sqlstate_is(result, SQLSTATE_INSUFFICIENT_PRIVILEGE))
        hint =
            batch->stage_kind == STAGE_TEMPORARY
                ? "The role needs the privilege TEMPORARY on the database, and SELECT "
                  "on the table."
                : "The role needs the privilege CREATE on the schema of staging tables, "
                  "and SELECT on the table.";
    db_set_context(batch->db, "could not create a staging table for %s", table->name);
    db_error_die(batch->db, result, hint);
}

/* Returns the failed result, which the caller releases, or NULL. */
static PGresult *
create_staging_table(LoadBatch *batch, LoadTable *table)
{
    PGresult *result;
    const char *what =
        stage_completion_is_running(batch, table) ? "completion" : "staging";
    char *create;
    char *comment;
    char *sql;

    table->stage = registry_name_table(batch, table->target->relation->name, what);
    create = format_create(batch, table);
    comment = registry_format_comment(batch, table, table->stage, what);
    sql = mem_format("%s;\n%s", create, comment);
    result = db_try(batch->db, sql);
    free(sql);
    free(comment);
    free(create);
    if (!db_succeeded(result))
        return result;
    PQclear(result);
    log_verbose("Created staging table: %s", table->stage);
    return NULL;
}

bool
stage_table_need(StageState *state, LoadTable *table)
{
    LoadBatch *batch = state->batch;

    while (batch->stage_kind != STAGE_NONE && table->stage == NULL)
    {
        PGresult *failed = create_staging_table(batch, table);

        if (failed == NULL)
            return true;
        if (state->has_sent || !registry_schema_is_obstacle(failed))
            die_creating(batch, table, failed);
        (void)stage_table_fall_back(state,
                                    PQresultErrorField(failed, PG_DIAG_MESSAGE_PRIMARY));
        PQclear(failed);
    }
    return batch->stage_kind != STAGE_NONE;
}
