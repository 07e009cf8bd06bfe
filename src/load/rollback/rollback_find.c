/*
 * Which undo tables are to be applied, and whether the state of the batch allows it. What
 * cannot be undone as a whole is not undone at all: a part of a batch was loaded without
 * undo, say. The commit makes sure that nothing of this has changed in the meantime.
 */
#include "load/rollback/rollback.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/die.h"
#include "base/log.h"
#include "base/mem.h"
#include "db/db.h"
#include "db/row.h"
#include "load/registry/claim.h"
#include "load/registry/registry.h"

static const char status_hint[] =
    "Use \"pg-sample-load --status\" to list what can be rolled back.";
static const char kept_hint[] =
    "A batch keeps what it changes unless --no-undo is given; other loads do with "
    "--undo.";

/* It is not a failure of the rollback: nothing is logged. */
static void
note_refusal(const LoadBatch *batch)
{
    if (batch->claim != NULL)
        batch->claim->is_refused = true;
}

/* ---- rows of the table undo */

/* All of a batch, or of a run; with the time of their rollback at the end. */
static PGresult *
query_undo(LoadBatch *batch, const char *batch_id, const char *run)
{
    const char *values[] = {batch_id, run, batch->settings->schema_name};
    char *sql = mem_format(
        "SELECT u.undo_id, u.run_id, u.table_name,\n"
        "       CASE WHEN pg_catalog.to_regclass(n.qname) IS NOT NULL THEN n.qname END,\n"
        "       u.columns, u.types, u.key, u.undone_at IS NOT NULL,\n"
        "       u.n_rows OPERATOR(pg_catalog.>) 0, COALESCE(u.is_audited, false),\n"
        "       u.batch_id, pg_catalog.date_trunc('second', u.undone_at), u.undo_table\n"
        "  FROM %s.undo AS u\n"
        "       CROSS JOIN LATERAL (\n"
        "         SELECT CASE WHEN u.undo_table IS NOT NULL\n"
        "                     THEN pg_catalog.format('%%I.%%I', $3::pg_catalog.text,\n"
        "                                            u.undo_table) END) AS n (qname)\n"
        " WHERE u.batch_id OPERATOR(pg_catalog.=) $1::pg_catalog.text\n"
        "    OR u.run_id OPERATOR(pg_catalog.=) $2::pg_catalog.uuid\n"
        " ORDER BY u.table_name COLLATE pg_catalog.\"C\", u.undo_id",
        batch->schema);
    PGresult *result;

    db_set_context(batch->db, "could not read the table undo");
    result = db_query_params(batch->db, sql, 3, values);
    db_set_context(batch->db, NULL);
    free(sql);
    return result;
}

enum
{
    FIELD_BATCH = 10,
    FIELD_TIME = 11,
    FIELD_NAME = 12
};

static const char *
copy_text(const LoadBatch *batch, const char *text)
{
    return text != NULL ? arena_copy_string(batch->arena, text) : NULL;
}

static UndoRow
read_undo(const LoadBatch *batch, RowReader *reader)
{
    UndoRow row = {.id = row_int64(reader)};
    bool has_rows;

    row.run = copy_text(batch, row_text(reader));
    row.table_name = copy_text(batch, row_text(reader));
    row.qname = copy_text(batch, row_text(reader));
    row.columns = copy_text(batch, row_text(reader));
    row.types = copy_text(batch, row_text(reader));
    row.key = copy_text(batch, row_text(reader));
    row.is_undone = row_bool(reader);
    has_rows = row_bool(reader);
    row.is_audited = row_bool(reader);
    row.is_lost = !row.is_undone && has_rows && row.qname == NULL;
    return row;
}

/* An undo table that others could have written must not become SQL. */
static void
check_undo_trust(LoadBatch *batch, const char *name)
{
    Diag diag = {0};

    if (!registry_trust_table(batch, name, &diag))
        die(EXIT_SERVER, &diag);
}

static void
read_rows(LoadBatch *batch, Rollback *rollback, const PGresult *result)
{
    RowReader reader = row_reader(result);

    rollback->rows = ARENA_ARRAY(batch->arena, PQntuples(result), UndoRow);
    rollback->n_rows = 0;
    while (row_next(&reader))
    {
        UndoRow row = read_undo(batch, &reader);

        if (row.qname != NULL)
            check_undo_trust(batch, PQgetvalue(result, rollback->n_rows, FIELD_NAME));
        rollback->rows[rollback->n_rows++] = row;
    }
}

/* Those that were undone leave the list; how many there are left. */
static int
keep_pending(Rollback *rollback)
{
    int n = 0;

    for (int i = 0; i < rollback->n_rows; i++)
    {
        if (!rollback->rows[i].is_undone)
            rollback->rows[n++] = rollback->rows[i];
    }
    return rollback->n_rows = n;
}

/* "batch b1" or "run 0123..."; owned by the caller. */
static char *
describe_undone(const Rollback *rollback)
{
    return rollback->run != NULL ? mem_format("run %s", rollback->run)
                                 : mem_format("batch %s", rollback->batch_id);
}

static _Noreturn void
die_of_table(const LoadBatch *batch, const char *table, const char *what,
             const char *hint)
{
    char *name = describe_undone(batch->rollback);

    note_refusal(batch);
    die_hint(EXIT_BATCH, hint, "%s cannot be rolled back: table %s %s", name, table,
             what);
}

static void
check_undo_there(const LoadBatch *batch)
{
    const Rollback *rollback = batch->rollback;

    for (int i = 0; i < rollback->n_rows; i++)
    {
        if (rollback->rows[i].is_lost)
            die_of_table(batch, rollback->rows[i].table_name,
                         "has no undo table any more",
                         "--gc --older-than drops undo tables that are older.");
    }
}

static void
report_undone(const Rollback *rollback, const PGresult *result)
{
    char *name = describe_undone(rollback);
    int n = PQntuples(result);

    for (int i = 0; i < n; i++)
    {
        /* a table can have been loaded and rolled back several times: the last one */
        if (i + 1 < n &&
            strcmp(PQgetvalue(result, i, 2), PQgetvalue(result, i + 1, 2)) == 0)
            continue;
        log_info("%s is already rolled back: table %s at %s", name,
                 PQgetvalue(result, i, 2), PQgetvalue(result, i, FIELD_TIME));
    }
    if (n == 0)
        log_info("%s is already rolled back", name);
    free(name);
}

/* ---- the batch */

/* Its lock, and where its log is. */
static void
claim_undone(LoadBatch *batch, const char *batch_id)
{
    Claim *claim = arena_alloc(batch->arena, sizeof(*claim));
    char *log = mem_format("%s.batch_load_log", batch->schema);

    *claim = (Claim){.id = batch_id,
                     .path = "",
                     .log = arena_copy_string(batch->arena, log),
                     .is_rollback = true};
    free(log);
    batch->claim = claim;
    claim_take(batch);
    claim_other_find(batch);
}

/* One of the claim for each table. */
static void
set_claim_tables(LoadBatch *batch)
{
    const Rollback *rollback = batch->rollback;
    Claim *claim = batch->claim;

    claim->tables = ARENA_ARRAY(batch->arena, rollback->n_rows, ClaimTable);
    for (int i = 0; i < rollback->n_rows; i++)
    {
        const char *name = rollback->rows[i].table_name;

        if (i > 0 && strcmp(rollback->rows[i - 1].table_name, name) == 0)
            continue;
        claim->tables[claim->n_tables++] = (ClaimTable){.files = {.table = name},
                                                        .relation = -1,
                                                        .name = name,
                                                        .qname = name};
    }
}

/* The rows of the table batch: name, state, run, and whether anything was changed. */
static PGresult *
query_states(LoadBatch *batch, const char *batch_id)
{
    char *sql = mem_format(
        "SELECT b.table_name, b.state, b.run_id,\n"
        "       b.metrics IS NULL OR EXISTS (\n"
        "         SELECT\n"
        "           FROM pg_catalog.jsonb_each_text(b.metrics) AS m (name, value)\n"
        "          WHERE m.name OPERATOR(pg_catalog.=) ANY ('{records_loaded,\n"
        "                  records_updated,rows_deleted,rows_soft_deleted}')\n"
        "            AND m.value OPERATOR(pg_catalog.<>) '0')\n"
        "  FROM %s.batch AS b\n"
        " WHERE b.batch_id OPERATOR(pg_catalog.=) $1\n"
        " ORDER BY b.table_name COLLATE pg_catalog.\"C\"",
        batch->schema);
    PGresult *result = db_query_params(batch->db, sql, 1, &batch_id);

    free(sql);
    return result;
}

static bool
has_state(const PGresult *states, const char *state)
{
    for (int i = 0; i < PQntuples(states); i++)
    {
        if (strcmp(PQgetvalue(states, i, 1), state) == 0)
            return true;
    }
    return false;
}

/* Is there undo of the last load of the table? */
static bool
has_undo_of(const Rollback *rollback, const char *table, const char *run)
{
    for (int i = 0; i < rollback->n_rows; i++)
    {
        const UndoRow *row = &rollback->rows[i];

        if (strcmp(row->table_name, table) == 0 && strcmp(row->run, run) == 0)
            return true;
    }
    return false;
}

/* Each loaded table must have undo, unless the load has changed nothing. */
static void
check_loaded(const LoadBatch *batch, const PGresult *states)
{
    for (int i = 0; i < PQntuples(states); i++)
    {
        const char *table = PQgetvalue(states, i, 0);
        bool is_changed = PQgetvalue(states, i, 3)[0] == 't';

        if (strcmp(PQgetvalue(states, i, 1), "committed") == 0 && is_changed &&
            !has_undo_of(batch->rollback, table, PQgetvalue(states, i, 2)))
            die_of_table(batch, table, "was loaded without undo", kept_hint);
    }
}

static _Noreturn void
die_not_loaded(const LoadBatch *batch, const PGresult *states)
{
    note_refusal(batch);
    if (PQntuples(states) == 0)
        die_hint(EXIT_BATCH, status_hint, "batch %s was never loaded",
                 batch->rollback->batch_id);
    die_hint(EXIT_BATCH, status_hint, "batch %s is not loaded: its state is %s",
             batch->rollback->batch_id, PQgetvalue(states, 0, 1));
}

/* False if it was undone before. */
static bool
find_of_batch(LoadBatch *batch)
{
    Rollback *rollback = batch->rollback;
    PGresult *states;
    PGresult *rows;
    bool is_loaded;

    claim_undone(batch, rollback->batch_id);
    states = query_states(batch, rollback->batch_id);
    rows = query_undo(batch, rollback->batch_id, NULL);
    is_loaded = has_state(states, "committed");
    if (!is_loaded && !has_state(states, "rolled_back"))
        die_not_loaded(batch, states);
    read_rows(batch, rollback, rows);
    if (is_loaded)
        check_loaded(batch, states);
    else
        report_undone(rollback, rows);
    keep_pending(rollback);
    PQclear(states);
    PQclear(rows);
    return is_loaded;
}

/* ---- a run */

static _Noreturn void
die_no_run(LoadBatch *batch)
{
    const char *run = batch->rollback->run;
    char *sql = mem_format("SELECT FROM %s.run AS r"
                           " WHERE r.run_id OPERATOR(pg_catalog.=) $1::pg_catalog.uuid",
                           batch->schema);
    PGresult *result = db_query_params(batch->db, sql, 1, &run);

    if (PQntuples(result) > 0)
        die_hint(EXIT_BATCH, kept_hint,
                 "run %s cannot be rolled back: it was loaded without undo", run);
    die_hint(EXIT_BATCH, status_hint, "there is no run %s that was committed", run);
}

static bool
find_of_run(LoadBatch *batch)
{
    Rollback *rollback = batch->rollback;
    PGresult *rows = query_undo(batch, NULL, rollback->run);

    if (PQntuples(rows) == 0)
        die_no_run(batch);
    if (!PQgetisnull(rows, 0, FIELD_BATCH))
    {
        rollback->batch_id =
            arena_copy_string(batch->arena, PQgetvalue(rows, 0, FIELD_BATCH));
        claim_undone(batch, rollback->batch_id);
        PQclear(rows);
        rows = query_undo(batch, NULL, rollback->run); /* now that it is locked */
    }
    read_rows(batch, rollback, rows);
    if (keep_pending(rollback) == 0)
        report_undone(rollback, rows);
    PQclear(rows);
    return rollback->n_rows > 0;
}

bool
rollback_find(LoadBatch *batch, const char *run)
{
    Rollback *rollback = arena_alloc(batch->arena, sizeof(*rollback));

    *rollback = (Rollback){.run = run,
                           .batch_id = run == NULL ? batch->settings->batch_id : NULL};
    batch->rollback = rollback;
    if (!(run != NULL ? find_of_run(batch) : find_of_batch(batch)))
        return false;
    check_undo_there(batch);
    if (batch->claim != NULL)
        set_claim_tables(batch);
    return true;
}
