#include "load/direct/direct.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/die.h"
#include "base/mem.h"
#include "base/plural.h"
#include "db/db.h"
#include "load/commit/commit_internal.h"
#include "load/commit/diff_query.h"
#include "load/direct/direct_internal.h"
#include "load/stage/source_encoding.h"

enum
{
    CHUNK_SIZE = 8 * 1024 * 1024 /* bytes of rows that are sent at once */
};

typedef struct Direct
{
    DirectSources sources;
    bool *is_emptied; /* by table: its old rows are deleted */
    Attempt attempt;
} Direct;

/* ---- the transaction */

static _Noreturn void
give_up(Direct *direct)
{
    Attempt *attempt = &direct->attempt;

    if (attempt->result == ATTEMPT_LOCKED || attempt->result == ATTEMPT_UNKNOWN)
        commit_give_up(attempt);
    die(attempt->result == ATTEMPT_LOST ? EXIT_CONNECTION : EXIT_SERVER, &attempt->diag);
}

/* Only the beginning can be repeated: standard input cannot be read twice. */
static void
begin_transaction(Direct *direct, CommitReport *report)
{
    LoadBatch *batch = direct->sources.state.batch;
    Attempt *attempt = &direct->attempt;

    for (;;)
    {
        *attempt = (Attempt){.batch = batch,
                             .report = report,
                             .deadline = attempt_find_deadline(0)};
        report->n_attempts++;
        if (commit_begin(attempt) &&
            attempt_execute(attempt,
                            "SET LOCAL idle_in_transaction_session_timeout = 0") &&
            commit_lock_tables(attempt) &&
            attempt_execute(attempt, "SET CONSTRAINTS ALL DEFERRED"))
            return;
        if ((attempt->result != ATTEMPT_LOCKED && attempt->result != ATTEMPT_BEATEN) ||
            report->n_attempts > batch->settings->max_retries)
            give_up(direct);
        commit_rollback(attempt);
        diag_free(&attempt->diag);
        commit_pause(report->n_attempts);
    }
}

/* ---- old rows */

/* Is the table emptied before the referenced one, so that no row is left? */
static bool
is_emptied_first(const LoadBatch *batch, int relation)
{
    for (int i = 0; i < batch->n_tables; i++)
    {
        if (batch->tables[i].target->relation_index == relation)
            return batch->tables[i].settings->mode == MODE_FULL;
    }
    return false;
}

/* No row can reference these from now on, until they are deleted. */
static void
lock_old_rows(Direct *direct, const LoadTable *table)
{
    if (!attempt_execute_free(&direct->attempt, diff_query_rows_lock_all(table)))
        give_up(direct);
}

/* The rows were not counted before; a trigger might have kept some. */
static void
check_deleted_all(Direct *direct, const LoadTable *table)
{
    char *sql;
    int64_t n;

    if (!table->target->has_delete_trigger)
        return;
    sql = diff_query_rows_count_old(table);
    if (!attempt_number(&direct->attempt, sql, &n))
        give_up(direct);
    free(sql);
    if (n > 0)
        die_hint(EXIT_SERVER, "A trigger has prevented them from being deleted.",
                 "Row count mismatch! %" PRId64 " old row%s of table %s %s still there",
                 n, plural(n), table->name, plural_choose(n, "is", "are"));
}

/* Rows to which the deletes would cascade are an error without --allow-cascade. */
static void
check_cascade(Direct *direct, const LoadTable *table)
{
    const LoadBatch *batch = direct->sources.state.batch;
    bool is_locked = false;

    for (int i = 0; i < table->target->n_references; i++)
    {
        const TargetReference *reference = &table->target->references[i];
        const ForeignKey *key = reference->foreign_key;
        char *sql;
        char *answer;

        if (strchr("cnd", reference->on_delete) == NULL ||
            is_emptied_first(batch, key->referencing))
            continue;
        if (!is_locked)
            lock_old_rows(direct, table);
        is_locked = true;
        sql = mem_format("SELECT EXISTS (SELECT FROM %s AS t)", key->referencing_qname);
        answer = db_query_value(batch->db, sql);
        if (answer[0] == 't')
            die_hint(EXIT_SERVER,
                     "Use --apply=diff, which deletes only rows that the sources do "
                     "not have, or allow it with --allow-cascade.",
                     "rows of %s reference rows of %s to be deleted, and would be "
                     "deleted or changed as well (foreign key \"%s\")",
                     key->referencing_qname, table->name, key->name);
        free(answer);
        free(sql);
    }
}

static void
delete_rows(Direct *direct, int i)
{
    LoadBatch *batch = direct->sources.state.batch;
    LoadTable *table = &batch->tables[i];
    double start = clock_seconds();
    char *sql;
    bool is_good;

    if (direct->is_emptied[i] || !batch_is_deleting(table))
        return;
    direct->is_emptied[i] = true;
    if (!batch->settings->allow_cascade)
        check_cascade(direct, table);
    sql = diff_query_rows_delete_all(table);
    is_good = attempt_count(&direct->attempt, sql, &table->counts.deleted);
    free(sql);
    if (!is_good)
        give_up(direct);
    check_deleted_all(direct, table);
    table->delete_seconds = clock_seconds() - start;
}

/* Referencing tables first: components are numbered in that order. */
static void
delete_replaced(Direct *direct)
{
    const LoadBatch *batch = direct->sources.state.batch;

    for (int component = 0; component < batch->graph->n_components; component++)
    {
        for (int i = 0; i < batch->n_tables; i++)
        {
            if (batch_get_component(batch, i) == component)
                delete_rows(direct, i);
        }
    }
}

/* ---- new rows */

static bool
is_merged(const LoadTable *table)
{
    if (table->settings->mode == MODE_INCREMENTAL && table->key == NULL)
        die_hint(EXIT_USAGE,
                 "Name one with --natural-key, or add all rows with --mode=append.",
                 "table %s has no primary key that tells which rows are the same",
                 table->name);
    return table->settings->mode == MODE_INCREMENTAL;
}

static void
load_lines(const DirectRows *rows, bool is_first)
{
    if (rows->lines->n_rejects > 0)
    {
        const RejectedRecord *reject = &rows->lines->rejects[0];

        die_hint(EXIT_SERVER,
                 "Nothing was loaded. Rows can be rejected with --max-errors only if "
                 "staging tables are used.",
                 "%s, record %" PRId64 ": %s", rows->source,
                 batch_get_record_number((int64_t)reject->record), reject->reason);
    }
    if (rows->lines->n_lines == 0)
        return;
    if (is_merged(rows->table))
        direct_merge(rows, is_first);
    else
        direct_copy(rows);
    rows->table->counts.n_source += (int64_t)rows->lines->n_lines;
}

static void
load_table(Direct *direct, StageReader *reader)
{
    LoadBatch *batch = direct->sources.state.batch;
    LoadTable *table = &batch->tables[reader->plan.table];
    double start = clock_seconds();
    Lines lines;
    InputStatus status;
    Diag diag = {0};
    DirectRows rows = {.batch = batch,
                       .table = table,
                       .source = batch->sources[reader->source].name,
                       .lines = &lines};

    delete_rows(direct, reader->plan.table);
    lines_init(&lines);
    while (
        (status = input_read(reader->input, &lines, (size_t)batch->settings->batch_size,
                             CHUNK_SIZE, &diag)) == INPUT_ROWS)
    {
        source_encoding_convert_lines(batch, rows.source, reader->encoding, &lines);
        load_lines(&rows, table->counts.n_source == 0);
        lines_reset(&lines);
    }
    if (status == INPUT_ERROR)
        stage_reader_die(reader->input, &diag);
    lines_free(&lines);
    stage_reader_count_bytes(&direct->sources.state, reader);
    table->insert_seconds += clock_seconds() - start;
}

static void
load_sources(Direct *direct)
{
    while (direct_sources_next(&direct->sources))
        load_table(direct, &direct->sources.reader);
}

/* ---- before the commit */

/* All new rows must be in the slice: of this transaction, it has no others. */
static void
check_scope(Direct *direct, const LoadTable *table)
{
    char *sql;
    PGresult *result;
    int64_t n;

    if (table->settings->mode != MODE_SLICE || table->scope_condition == NULL)
        return;
    sql = mem_format("SELECT pg_catalog.count(*)\n"
                     "  FROM %s AS t\n"
                     " WHERE %s\n"
                     "   AND t.xmin::pg_catalog.text OPERATOR(pg_catalog.=) "
                     "(pg_catalog.txid_current() OPERATOR(pg_catalog.%%) 4294967296)"
                     "::pg_catalog.text",
                     table->rows, table->scope_condition);
    result = attempt_query(&direct->attempt, sql);
    free(sql);
    if (result == NULL)
        give_up(direct);
    n = strtoll(PQgetvalue(result, 0, 0), NULL, 10);
    PQclear(result);
    if (n != table->counts.inserted)
        die_hint(EXIT_SERVER, "Nothing was loaded.",
                 "%s: %" PRId64 " row%s not of the slice", table->name,
                 table->counts.inserted - n,
                 plural_choose(table->counts.inserted - n, " is", "s are"));
}

/* At least as many keys are missing as there are fewer rows. */
static void
check_deleted(const LoadBatch *batch, const LoadTable *table)
{
    const LoadCounts *counts = &table->counts;
    int64_t n = counts->deleted - counts->inserted;

    if (n > 0 &&
        (double)n * 100 > batch->settings->max_delete_pct * (double)counts->deleted)
        die_hint(EXIT_SERVER, "Nothing was loaded. --max-delete-pct sets the limit.",
                 "%s: there would be %" PRId64 " row%s instead of %" PRId64
                 ", which is more than %g percent fewer",
                 table->name, counts->inserted, plural(counts->inserted), counts->deleted,
                 batch->settings->max_delete_pct);
}

/* The largest numbers are now in the tables themselves. */
static void
advance_sequences(LoadBatch *batch)
{
    for (int i = 0; i < batch->n_tables; i++)
        batch->tables[i].stage = batch->tables[i].rows;
    load_sequences_advance(batch);
    for (int i = 0; i < batch->n_tables; i++)
        batch->tables[i].stage = NULL;
}

static void
commit_rows(Direct *direct)
{
    Attempt *attempt = &direct->attempt;
    LoadBatch *batch = direct->sources.state.batch;

    if (!commit_record(attempt) ||
        !attempt_execute(attempt, "SET CONSTRAINTS ALL IMMEDIATE"))
        give_up(direct);
    if (batch->settings->dry_run != DRY_RUN_NO)
    {
        commit_rollback(attempt);
        return;
    }
    commit_finish(attempt);
    if (attempt->result == ATTEMPT_UNKNOWN)
        attempt->result = commit_outcome_find(batch, &attempt->diag);
    if (attempt->result != ATTEMPT_DONE)
        commit_give_up(attempt);
    diag_free(&attempt->diag);
}

static void
finish(Direct *direct, const DirectInput *input)
{
    LoadBatch *batch = direct->sources.state.batch;

    for (int i = 0; i < batch->n_tables; i++)
    {
        check_scope(direct, &batch->tables[i]);
        check_deleted(batch, &batch->tables[i]);
    }
    if (!input->check(input->context))
        die_message(EXIT_SERVER, "nothing was loaded because checks failed");
    if (batch->settings->dry_run == DRY_RUN_NO)
        advance_sequences(batch);
    commit_rows(direct);
}

void
direct_load(LoadBatch *batch, const DirectInput *input, CommitReport *report)
{
    Direct direct = {0};
    double start;

    *report = (CommitReport){0};
    batch->stage_kind = STAGE_NONE;
    direct.is_emptied =
        mem_alloc_zero((size_t)batch->catalog->n_relations + 1, sizeof(bool));
    direct_sources_plan(&direct.sources, batch, input);
    begin_transaction(&direct, report);
    start = clock_seconds();
    delete_replaced(&direct);
    load_sources(&direct);
    finish(&direct, input);
    report->row_seconds = clock_seconds() - start;
    for (int i = 0; i < batch->n_tables; i++)
        batch->tables[i].apply = APPLY_DIRECT;
    direct_sources_free(&direct.sources);
    free(direct.is_emptied);
}
