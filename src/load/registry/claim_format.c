#include "load/registry/claim.h"

#include <inttypes.h>
#include <jansson.h>
#include <string.h>

#include "base/copytext.h"
#include "db/db.h"
#include "load/registry/registry_internal.h"

/* ---- values */

static void
append_claim_value(PQExpBuffer sql, const char *text)
{
    appendPQExpBufferStr(sql, ", ");
    if (text != NULL)
        copytext_append_string(sql, text, strlen(text));
    else
        appendPQExpBufferStr(sql, "NULL");
}

static bool
is_utf8(const char *text)
{
    json_t *string = json_string(text);
    bool is_valid = string != NULL;

    json_decref(string);
    return is_valid;
}

/*
 * A text from outside, which must not fail the commit: what may not be valid in the
 * encoding of the connection is written in hexadecimal.
 */
static void
append_foreign(PQExpBuffer sql, const Claim *claim, const char *text)
{
    bool is_valid = strcmp(claim->encoding, "UTF8") == 0 && is_utf8(text);
    PQExpBufferData safe;

    initPQExpBuffer(&safe);
    for (; *text != '\0'; text++)
    {
        if (is_valid || (unsigned char)*text < 0x80)
            appendPQExpBufferChar(&safe, *text);
        else
            appendPQExpBuffer(&safe, "\\x%02x", (unsigned char)*text);
    }
    append_claim_value(sql, safe.data);
    termPQExpBuffer(&safe);
}

static const LoadCounts *
find_counts(const LoadBatch *batch, const ClaimTable *table)
{
    static const LoadCounts none;
    const LoadTable *loaded = batch_find_table(batch, table->relation);

    return loaded != NULL ? &loaded->counts : &none;
}

static void
append_metrics(PQExpBuffer sql, const LoadCounts *counts)
{
    appendPQExpBuffer(sql,
                      ",\n    '{\"total_records\": %" PRId64
                      ", \"records_loaded\": %" PRId64 ", \"records_updated\": %" PRId64
                      ", \"records_skipped\": %" PRId64 ", \"errors\": %" PRId64
                      ", \"rows_deleted\": %" PRId64 ", \"rows_soft_deleted\": %" PRId64
                      "}'::pg_catalog.jsonb",
                      counts->n_source, counts->inserted, counts->updated,
                      counts_skipped(counts) + counts->unchanged + counts->duplicate,
                      counts_errors(counts), counts->deleted, counts->soft_deleted);
}

/* ---- the state */

/* Set by every commit; append_state_values() has their values. */
#define STATE_COLUMNS                                                                    \
    "state, batch_id, table_name, manifest_sha256, content_sha256, fragments, bytes,\n"  \
    "        records, options, source, run_id, started_at, committed_at, app_user,\n"    \
    "        metrics"

static void
append_state_values(PQExpBuffer sql, const LoadBatch *batch, const ClaimTable *table)
{
    const LoadCounts *counts = find_counts(batch, table);
    const Manifest *manifest = &table->manifest;

    appendPQExpBufferStr(sql, "'committed'");
    append_claim_value(sql, batch->claim->id);
    append_claim_value(sql, table->qname);
    append_claim_value(sql, manifest->whole);
    append_claim_value(sql, manifest->content);
    appendPQExpBuffer(sql, ", %zu, %" PRIu64 ", %" PRId64, table->files.n_fragments,
                      manifest->n_bytes, counts->n_source);
    append_claim_value(sql, table->options);
    append_foreign(sql, batch->claim, batch->claim->path);
    append_claim_value(sql, batch->run_id);
    append_claim_value(sql, registry_get_started());
    appendPQExpBufferStr(sql, ", pg_catalog.clock_timestamp(), session_user");
    append_metrics(sql, counts);
}

/* Is the row still as it was when the claim was made? */
static void
append_state_condition(PQExpBuffer sql, const ClaimTable *table)
{
    appendPQExpBufferStr(sql, " WHERE b.state OPERATOR(pg_catalog.<>) 'committed'");
    if (!table->is_replaced)
        return;
    appendPQExpBufferStr(sql, "\n    OR b.run_id ");
    if (table->old_run == NULL)
        appendPQExpBufferStr(sql, "IS NULL");
    else
    {
        appendPQExpBufferStr(sql, "OPERATOR(pg_catalog.=) ");
        copytext_append_string(sql, table->old_run, strlen(table->old_run));
    }
}

/* An approval can be withdrawn until now: then there is no row to be updated. */
static void
append_approved_state(PQExpBuffer sql, const LoadBatch *batch, const ClaimTable *table)
{
    appendPQExpBuffer(sql,
                      "UPDATE %s.batch AS b SET\n"
                      "       error = NULL,\n"
                      "       (" STATE_COLUMNS ")\n     = ROW (",
                      batch->schema);
    append_state_values(sql, batch, table);
    appendPQExpBufferStr(sql, ")\n"
                              " WHERE b.state OPERATOR(pg_catalog.=) 'approved'\n"
                              "   AND b.batch_id OPERATOR(pg_catalog.=) ");
    copytext_append_string(sql, batch->claim->id, strlen(batch->claim->id));
    appendPQExpBufferStr(sql, "\n   AND b.table_name OPERATOR(pg_catalog.=) ");
    copytext_append_string(sql, table->qname, strlen(table->qname));
    appendPQExpBufferStr(sql, "\n   AND b.manifest_sha256 OPERATOR(pg_catalog.=) ");
    copytext_append_string(sql, table->manifest.whole, strlen(table->manifest.whole));
}

/* What was approved with other contents or options was not approved as it is loaded. */
static void
append_state(PQExpBuffer sql, const LoadBatch *batch, const ClaimTable *table)
{
    appendPQExpBuffer(sql,
                      "INSERT INTO %s.batch AS b (" STATE_COLUMNS ")\n"
                      "VALUES (",
                      batch->schema);
    append_state_values(sql, batch, table);
    appendPQExpBufferStr(
        sql,
        ")\nON CONFLICT (batch_id, table_name) DO UPDATE SET\n"
        "       state = EXCLUDED.state, manifest_sha256 = EXCLUDED.manifest_sha256,\n"
        "       content_sha256 = EXCLUDED.content_sha256,\n"
        "       fragments = EXCLUDED.fragments, bytes = EXCLUDED.bytes,\n"
        "       records = EXCLUDED.records, options = EXCLUDED.options,\n"
        "       source = EXCLUDED.source, run_id = EXCLUDED.run_id,\n"
        "       started_at = EXCLUDED.started_at,\n"
        "       committed_at = EXCLUDED.committed_at,\n"
        "       app_user = EXCLUDED.app_user, metrics = EXCLUDED.metrics,\n"
        "       error = NULL,\n"
        "       (approved_by, approved_at) = (\n"
        "         SELECT b.approved_by, b.approved_at\n"
        "          WHERE b.manifest_sha256"
        " OPERATOR(pg_catalog.=) EXCLUDED.manifest_sha256)\n");
    append_state_condition(sql, table);
}

char *
claim_format_state(const LoadBatch *batch, const ClaimTable *table)
{
    PQExpBufferData sql;

    initPQExpBuffer(&sql);
    if (claim_needs_approval(batch))
        append_approved_state(&sql, batch, table);
    else
        append_state(&sql, batch, table);
    return sql.data;
}

/* ---- the log and the queue */

/* Of a load that has failed; a log of the user can have too little room for it. */
static void
append_log_error(PQExpBuffer sql, const Claim *claim, const char *error)
{
    PQExpBufferData text;

    if (error == NULL || claim->log_error_size == 0)
    {
        if (error != NULL)
            append_foreign(sql, claim, error);
        else
            append_claim_value(sql, NULL);
        return;
    }
    initPQExpBuffer(&text);
    append_foreign(&text, claim, error);
    appendPQExpBuffer(sql, ", pg_catalog.\"left\"(%s, %d)", text.data + strlen(", "),
                      claim->log_error_size);
    termPQExpBuffer(&text);
}

static void
append_log(PQExpBuffer sql, const LoadBatch *batch, const ClaimTable *table,
           int64_t n_affected, const char *status, const char *error)
{
    appendPQExpBuffer(sql,
                      "INSERT INTO %s (operation, batch_id, table_name, status,\n"
                      "    records_affected, loaded_at, error_message)\nVALUES (",
                      batch->claim->log);
    appendPQExpBufferStr(sql, batch->claim->is_rollback ? "'rollback'" : "'load'");
    append_claim_value(sql, batch->claim->id);
    append_claim_value(sql, table != NULL ? table->files.table : NULL);
    append_claim_value(sql, status);
    appendPQExpBuffer(sql, ", %" PRId64 ", pg_catalog.clock_timestamp()", n_affected);
    append_log_error(sql, batch->claim, error);
    appendPQExpBufferChar(sql, ')');
}

char *
claim_format_log(const LoadBatch *batch, const ClaimTable *table)
{
    const LoadCounts *counts = find_counts(batch, table);
    PQExpBufferData sql;

    initPQExpBuffer(&sql);
    append_log(&sql, batch, table,
               counts->inserted + counts->updated + counts->deleted +
                   counts->soft_deleted,
               counts_errors(counts) > 0 ? "partial" : "success", NULL);
    return sql.data;
}

char *
claim_format_queue(const LoadBatch *batch)
{
    const Claim *claim = batch->claim;
    PQExpBufferData sql;

    if (claim->queue == NULL)
        return NULL;
    initPQExpBuffer(&sql);
    appendPQExpBuffer(&sql,
                      "UPDATE %s AS q SET\n"
                      "       status = 'loaded', loaded_at = pg_catalog.now()\n",
                      claim->queue);
    claim_other_append(&sql, batch);
    appendPQExpBufferStr(&sql, "\n   AND q.status::pg_catalog.text"
                               " OPERATOR(pg_catalog.=) 'pending'");
    return sql.data;
}

/* ---- failures */

/* Neither what is loaded nor an approval is replaced. */
static void
append_failed_state(PQExpBuffer sql, const LoadBatch *batch, const ClaimTable *table,
                    const char *error)
{
    appendPQExpBuffer(
        sql,
        ";\nINSERT INTO %s.batch AS b (state, batch_id, table_name, run_id,\n"
        "    started_at, fragments, app_user, error)\nVALUES ('failed'",
        batch->schema);
    append_claim_value(sql, batch->claim->id);
    append_claim_value(sql, table->qname);
    append_claim_value(sql, batch->run_id);
    append_claim_value(sql, registry_get_started());
    appendPQExpBuffer(sql, ", %zu, session_user", table->files.n_fragments);
    append_foreign(sql, batch->claim, error);
    appendPQExpBufferStr(sql,
                         ")\nON CONFLICT (batch_id, table_name) DO UPDATE SET\n"
                         "       run_id = EXCLUDED.run_id,\n"
                         "       started_at = EXCLUDED.started_at,\n"
                         "       fragments = EXCLUDED.fragments,\n"
                         "       app_user = EXCLUDED.app_user, error = EXCLUDED.error\n"
                         " WHERE b.state OPERATOR(pg_catalog.=) 'failed'");
}

/* One transaction, since it is one query string. */
char *
claim_format_failure(const LoadBatch *batch, const char *error, bool has_log)
{
    const Claim *claim = batch->claim;
    PQExpBufferData sql;

    initPQExpBuffer(&sql);
    appendPQExpBufferStr(&sql, "SET LOCAL lock_timeout = '5s';\n"
                               "SET LOCAL statement_timeout = '10s'");
    for (int i = 0; i < claim->n_tables; i++)
    {
        if (claim->tables[i].is_loaded)
            continue;
        if (has_log)
        {
            appendPQExpBufferStr(&sql, ";\n");
            append_log(&sql, batch, &claim->tables[i], 0, "failed", error);
        }
        if (!claim->is_rollback)
            append_failed_state(&sql, batch, &claim->tables[i], error);
    }
    return sql.data;
}
