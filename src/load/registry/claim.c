#include "load/registry/claim.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/copytext.h"
#include "base/die.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/plural.h"
#include "db/db.h"
#include "db/row.h"
#include "db/sql_text.h"

/* What the table batch says of a table. Texts belong to the result. */
typedef struct KnownState
{
    const char *state;
    const char *manifest;
    const char *content;
    const char *run;
    const char *n_records;
    const char *time;
} KnownState;

/* ---- the lock */

static char *
ask_holder(Db *db, const char *lock)
{
    PGresult *result = db_query_params(db, sql_load_batch_holder, 1, &lock);
    char *pid = PQntuples(result) > 0 ? mem_copy_string(PQgetvalue(result, 0, 0)) : NULL;

    PQclear(result);
    return pid;
}

static void
report_held(const Claim *claim, const char *pid, Diag *diag)
{
    if (pid != NULL)
        diag_set_message(diag, "batch %s is being loaded by another session (pid %s)",
                         claim->id, pid);
    else
        diag_set_message(diag, "batch %s is being loaded by another session", claim->id);
    diag_set_hint(diag, "Wait until it has ended; \"pg-sample-load --status\" lists "
                        "sessions and batches.");
}

void
claim_take(LoadBatch *batch)
{
    Claim *claim = batch->claim;
    Diag diag = {0};

    claim->encoding = mem_copy_string(db_encoding(batch->db));
    claim->lock = mem_format("%" PRId64, manifest_hash_pair(batch->schema, claim->id));
    if (db_session_try_lock(batch->db, claim->lock))
        return;
    claim->is_refused = true;
    report_held(claim, ask_holder(batch->db, claim->lock), &diag);
    die(EXIT_BATCH, &diag);
}

bool
claim_take_again(LoadBatch *batch, Diag *diag)
{
    bool is_taken = false;

    if (batch->claim == NULL)
        return true;
    if (db_session_attempt_lock(batch->db, batch->claim->lock, &is_taken) && is_taken)
        return true;
    report_held(batch->claim, NULL, diag);
    return false;
}

/* ---- what is known of the tables */

static PGresult *
read_known(LoadBatch *batch, const ClaimTable *table)
{
    const char *values[] = {batch->claim->id, table->qname};
    char *sql =
        mem_format("SELECT b.state, b.manifest_sha256, b.content_sha256, b.run_id,\n"
                   "       COALESCE(b.records, 0),\n"
                   "       COALESCE(pg_catalog.date_trunc('second', b.committed_at)\n"
                   "                  ::pg_catalog.text, 'an unknown time')\n"
                   "  FROM %s.batch AS b\n"
                   " WHERE b.batch_id OPERATOR(pg_catalog.=) $1\n"
                   "   AND b.table_name OPERATOR(pg_catalog.=) $2",
                   batch->schema);
    PGresult *result = db_query_params(batch->db, sql, 2, values);

    free(sql);
    return result;
}

static KnownState
read_known_state(PGresult *result)
{
    RowReader row = row_reader(result);
    KnownState known = {0};

    if (row_next(&row))
    {
        known.state = row_text(&row);
        known.manifest = row_text(&row);
        known.content = row_text(&row);
        known.run = row_text(&row);
        known.n_records = row_text(&row);
        known.time = row_text(&row);
    }
    return known;
}

static bool
is_state(const KnownState *known, const char *state)
{
    return known->state != NULL && strcmp(known->state, state) == 0;
}

static bool
is_equal(const char *known, const char *text)
{
    return known != NULL && strcmp(known, text) == 0;
}

static void
read_manifest(ClaimTable *table)
{
    Diag diag = {0};

    if (!manifest_read(&table->manifest, &table->files, table->options, &diag))
        die(EXIT_CONNECTION, &diag);
    table->is_hashed = true;
}

static _Noreturn void
die_of_contents(LoadBatch *batch, const ClaimTable *table, const KnownState *known)
{
    Claim *claim = batch->claim;
    bool is_same = is_equal(known->content, table->manifest.content);

    claim->is_refused = true;
    die_hint(EXIT_BATCH,
             is_same ? "Use the options of that load; or use --force to load it again "
                       "with these."
                     : "Load it under another id; or use --force to load it again.",
             "batch %s was loaded with other %s: table %s, %s record%s at %s", claim->id,
             is_same ? "options" : "contents", table->name, known->n_records,
             plural(strtoll(known->n_records, NULL, 10)), known->time);
}

static _Noreturn void
die_unapproved(LoadBatch *batch, const ClaimTable *table, const KnownState *known)
{
    Claim *claim = batch->claim;
    char *hint =
        mem_format("Check the files, and use \"pg-sample-load --approve "
                   "--batch-id=%s\" with the options that decide what is loaded.",
                   claim->id);

    claim->is_refused = true;
    if (is_state(known, "approved"))
        die_hint(EXIT_BATCH, hint,
                 "batch %s was approved with other contents or options: table %s",
                 claim->id, table->name);
    die_hint(EXIT_BATCH, hint, "batch %s is not approved: table %s", claim->id,
             table->name);
}

static void
compare_committed(LoadBatch *batch, ClaimTable *table, const KnownState *known)
{
    if (batch->settings->is_forced)
    {
        table->is_replaced = true;
        table->old_run =
            known->run != NULL ? arena_copy_string(batch->arena, known->run) : NULL;
        return;
    }
    read_manifest(table);
    if (!is_equal(known->manifest, table->manifest.whole))
        die_of_contents(batch, table, known);
    table->is_loaded = true;
    log_info("batch %s is already loaded: table %s, %s record%s at %s", batch->claim->id,
             table->name, known->n_records, plural(strtoll(known->n_records, NULL, 10)),
             known->time);
}

static void
compare_approved(LoadBatch *batch, ClaimTable *table, const KnownState *known)
{
    if (is_state(known, "approved"))
        read_manifest(table);
    if (!is_state(known, "approved") || !is_equal(known->manifest, table->manifest.whole))
        die_unapproved(batch, table, known);
}

static void
compare_table(LoadBatch *batch, ClaimTable *table)
{
    PGresult *result = read_known(batch, table);
    KnownState known = read_known_state(result);

    if (is_state(&known, "committed"))
        compare_committed(batch, table, &known);
    else if (claim_needs_approval(batch))
        compare_approved(batch, table, &known);
    PQclear(result);
}

void
claim_compare(LoadBatch *batch)
{
    for (int i = 0; i < batch->claim->n_tables; i++)
        compare_table(batch, &batch->claim->tables[i]);
}

/* ---- what was read */

void
claim_settle(LoadBatch *batch)
{
    Claim *claim = batch->claim;

    for (int i = 0; i < claim->n_tables; i++)
    {
        ClaimTable *table = &claim->tables[i];
        Manifest before = table->manifest;

        if (table->is_loaded)
            continue;
        manifest_make(&table->manifest, &table->files,
                      &batch->hashes[table->first_source], table->options);
        if (table->is_hashed && strcmp(before.whole, table->manifest.whole) != 0)
            die_message(EXIT_CONNECTION,
                        "the files of batch %s were changed while they were being read: "
                        "table %s",
                        claim->id, table->name);
        table->is_hashed = true;
    }
}

/* ---- approval */

static void
append_text(PQExpBuffer sql, const char *text)
{
    copytext_append_string(sql, text, strlen(text));
}

/* Does not replace what is loaded. */
static char *
format_approval(const LoadBatch *batch, const ClaimTable *table)
{
    PQExpBufferData sql;

    initPQExpBuffer(&sql);
    appendPQExpBuffer(&sql,
                      "INSERT INTO %s.batch AS b (batch_id, table_name, state,\n"
                      "    manifest_sha256, content_sha256, fragments, bytes, options,\n"
                      "    approved_by, approved_at)\nVALUES (",
                      batch->schema);
    append_text(&sql, batch->claim->id);
    appendPQExpBufferStr(&sql, ", ");
    append_text(&sql, table->qname);
    appendPQExpBufferStr(&sql, ", 'approved', ");
    append_text(&sql, table->manifest.whole);
    appendPQExpBufferStr(&sql, ", ");
    append_text(&sql, table->manifest.content);
    appendPQExpBuffer(&sql, ", %zu, %" PRIu64 ", ", table->files.n_fragments,
                      table->manifest.n_bytes);
    append_text(&sql, table->options);
    appendPQExpBufferStr(
        &sql,
        "::pg_catalog.jsonb, session_user, pg_catalog.clock_timestamp())\n"
        "ON CONFLICT (batch_id, table_name) DO UPDATE SET\n"
        "       state = EXCLUDED.state, manifest_sha256 = EXCLUDED.manifest_sha256,\n"
        "       content_sha256 = EXCLUDED.content_sha256,\n"
        "       fragments = EXCLUDED.fragments, bytes = EXCLUDED.bytes,\n"
        "       options = EXCLUDED.options, approved_by = EXCLUDED.approved_by,\n"
        "       approved_at = EXCLUDED.approved_at, error = NULL\n"
        " WHERE b.state OPERATOR(pg_catalog.<>) 'committed'");
    return sql.data;
}

void
claim_approve(LoadBatch *batch)
{
    Claim *claim = batch->claim;

    for (int i = 0; i < claim->n_tables; i++)
    {
        ClaimTable *table = &claim->tables[i];
        char *sql;

        if (table->is_loaded)
            continue;
        if (!table->is_hashed)
            read_manifest(table);
        sql = format_approval(batch, table);
        db_execute(batch->db, sql);
        free(sql);
        log_info("Approved batch %s: table %s, %zu fragment%s, sha256 %s", claim->id,
                 table->name, table->files.n_fragments,
                 plural((int64_t)table->files.n_fragments), table->manifest.whole);
    }
}

/* ---- failures */

/*
 * The log and the state in one transaction; but a log of the user that cannot be written
 * does not keep the state from being right. False with the reason, to be freed.
 */
static bool
record_failure(LoadBatch *batch, Db *db, const char *error, char **reason)
{
    char *sql = claim_format_failure(batch, error, true);
    bool is_done = db_attempt(db, sql);

    free(sql);
    if (is_done)
        return true;
    free(*reason);
    *reason = db_attempt_copy_error(db);
    sql = claim_format_failure(batch, error, false);
    (void)db_attempt(db, sql);
    free(sql);
    return false;
}

/* The same on a connection that replaces the lost one. */
static bool
record_failure_again(LoadBatch *batch, const char *error, char **reason)
{
    const char *const settings[] = {"default_transaction_read_only",
                                    "off",
                                    "standard_conforming_strings",
                                    "on",
                                    "client_encoding",
                                    batch->claim->encoding,
                                    NULL};
    Db *other = db_connect_try_again(batch->db);
    bool is_done;

    if (other == NULL)
        return false;
    is_done = db_session_attempt_set(other, settings) &&
              record_failure(batch, other, error, reason);
    db_close(other);
    return is_done;
}

void
claim_fail(LoadBatch *batch, const char *error)
{
    Claim *claim = batch->claim;
    char *reason = NULL;
    bool is_done;

    if (claim->is_known_failed)
        return;
    claim->is_known_failed = true;
    is_done = db_recover(batch->db) && record_failure(batch, batch->db, error, &reason);
    if (!is_done)
        is_done = record_failure_again(batch, error, &reason);
    if (!is_done)
        log_warning_detail(reason, NULL,
                           "could not record in table %s that the %s failed", claim->log,
                           claim->is_rollback ? "rollback" : "load");
    free(reason);
}
