#include "load/commit/capture.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/copytext.h"
#include "base/mem.h"
#include "db/db.h"
#include "db/sql_text.h"
#include "load/commit/capture_query.h"
#include "load/registry/claim.h"
#include "load/registry/registry.h"

static int64_t
count_captured(const LoadTable *table)
{
    const DiffOps *ops = &table->ops;

    return ops->inserts + ops->updates + ops->deletes + ops->soft_deletes;
}

/* How many rows of the table the transaction has written. */
static bool
count_touched(Attempt *attempt, const LoadTable *table, int64_t *n)
{
    PGresult *result =
        attempt_query_oid(attempt, sql_load_touched, table->target->relation->oid);

    if (result == NULL)
        return false;
    *n = strtoll(PQgetvalue(result, 0, 0), NULL, 10);
    PQclear(result);
    return true;
}

static bool
begin_capture(Attempt *attempt, LoadTable *table)
{
    LoadCapture *capture = table->capture;

    if (capture == NULL)
        return true;
    capture->is_active = count_captured(table) > 0;
    return !capture->is_active ||
           (attempt_execute_free(attempt, capture_query_create(table)) &&
            count_touched(attempt, table, &capture->n_touched));
}

bool
capture_begin(Attempt *attempt)
{
    const LoadBatch *batch = attempt->batch;
    bool is_good = true;

    for (int i = 0; i < batch->n_tables && is_good; i++)
        is_good = begin_capture(attempt, &batch->tables[i]);
    return is_good;
}

/* ---- the end */

/* Makes images of what the rows are, if others than the load have written some. */
static bool
settle_images(Attempt *attempt, const LoadTable *table)
{
    bool is_good;
    int64_t n;
    char *sql;

    table->capture->n_lost = 0;
    if (!count_touched(attempt, table, &n))
        return false;
    if (n - table->capture->n_touched == count_captured(table) ||
        !table->capture->is_findable)
        return true;
    is_good = true;
    for (size_t i = 0; is_good && (sql = capture_query_settle(table, i)) != NULL; i++)
    {
        is_good = attempt_count(attempt, sql, &n);
        if (is_good && capture_query_is_about_lost(i))
            table->capture->n_lost += n;
        free(sql);
    }
    return is_good;
}

static void
append_undo_text(PQExpBuffer sql, const char *text)
{
    copytext_append_string(sql, text, strlen(text));
}

/* A literal, owned by the caller. */
static char *
format_literal(const char *text)
{
    PQExpBufferData sql;

    initPQExpBuffer(&sql);
    append_undo_text(&sql, text);
    return sql.data;
}

static bool
write_audit(Attempt *attempt, const LoadTable *table)
{
    const LoadBatch *batch = attempt->batch;
    const Claim *claim = batch->claim;
    char *batch_id = format_literal(claim != NULL ? claim->id : batch->run_id);
    char *table_name = format_literal(table->qname);
    const CaptureAudit audit = {.audit_log = batch->audit_log,
                                .table_name = table_name,
                                .batch_id = batch_id};
    bool is_good = attempt_execute_free(attempt, capture_query_audit(table, &audit));

    free(batch_id);
    free(table_name);
    return is_good;
}

static void
append_undo_columns(PQExpBuffer sql, const LoadTable *table, bool has_types)
{
    const LoadCapture *capture = table->capture;

    appendPQExpBufferStr(sql, ", ARRAY[");
    for (int i = 0; i < capture->n_columns; i++)
    {
        const Column *column = &table->target->relation->columns[capture->columns[i]];

        appendPQExpBufferStr(sql, i > 0 ? ", " : "");
        append_undo_text(sql, has_types ? column->declared_type : column->name);
    }
    appendPQExpBufferStr(sql, "]::pg_catalog.text[]");
}

static void
append_undo_key(PQExpBuffer sql, const LoadTable *table)
{
    appendPQExpBufferStr(sql, ", ARRAY[");
    for (int i = 0; i < table->key->n_parts; i++)
    {
        appendPQExpBufferStr(sql, i > 0 ? ", " : "");
        append_undo_text(
            sql, table->target->relation->columns[table->key->parts[i].column].name);
    }
    appendPQExpBufferStr(sql, "]::pg_catalog.text[]");
}

/* The row of the table undo; without changes there is no undo table. */
static char *
format_undo(const LoadBatch *batch, const LoadTable *table, int64_t n_rows)
{
    const LoadCapture *capture = table->capture;
    PQExpBufferData sql;

    initPQExpBuffer(&sql);
    appendPQExpBuffer(&sql,
                      "INSERT INTO %s.undo (run_id, batch_id, table_name, undo_table,\n"
                      "    columns, types, key, n_rows, is_audited, committed_at)\n"
                      "VALUES (",
                      batch->schema);
    append_undo_text(&sql, batch->run_id);
    appendPQExpBufferStr(&sql, ", ");
    if (batch->claim != NULL)
        append_undo_text(&sql, batch->claim->id);
    else
        appendPQExpBufferStr(&sql, "NULL");
    appendPQExpBufferStr(&sql, ", ");
    append_undo_text(&sql, table->qname);
    appendPQExpBufferStr(&sql, ", ");
    if (capture->is_active)
        append_undo_text(&sql, capture->name);
    else
        appendPQExpBufferStr(&sql, "NULL");
    append_undo_columns(&sql, table, false);
    append_undo_columns(&sql, table, true);
    append_undo_key(&sql, table);
    appendPQExpBuffer(&sql, ", %" PRId64 ", %s, pg_catalog.clock_timestamp())", n_rows,
                      capture->is_audited ? "true" : "false");
    return sql.data;
}

/* The comment of the undo table, by which --status and --gc know it. */
static bool
describe(Attempt *attempt, const LoadTable *table, int64_t n_rows)
{
    char *query = registry_format_kept(attempt->batch, table, table->capture->images,
                                       UNDO_WHAT, n_rows);
    PGresult *result = attempt_query(attempt, query);
    bool is_good = result != NULL && attempt_execute(attempt, PQgetvalue(result, 0, 0));

    PQclear(result);
    free(query);
    return is_good;
}

static bool
write_undo(Attempt *attempt, const LoadTable *table)
{
    const LoadCapture *capture = table->capture;
    char *sql = mem_format("SELECT pg_catalog.count(*) FROM %s", capture->images);
    int64_t n = 0;
    bool is_good = !capture->is_active ||
                   (attempt_number(attempt, sql, &n) && describe(attempt, table, n));

    free(sql);
    return is_good &&
           attempt_execute_free(attempt, format_undo(attempt->batch, table, n));
}

static bool
end_capture(Attempt *attempt, const LoadTable *table)
{
    const LoadCapture *capture = table->capture;

    if (capture == NULL)
        return true;
    if (capture->is_active && (!settle_images(attempt, table) ||
                               (capture->is_audited && !write_audit(attempt, table))))
        return false;
    if (capture->has_undo)
        return write_undo(attempt, table);
    return !capture->is_active ||
           attempt_execute_free(attempt, mem_format("DROP TABLE %s", capture->images));
}

bool
capture_end(Attempt *attempt)
{
    const LoadBatch *batch = attempt->batch;
    bool is_good = true;

    for (int i = 0; i < batch->n_tables && is_good; i++)
        is_good = end_capture(attempt, &batch->tables[i]);
    return is_good;
}
