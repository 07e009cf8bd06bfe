/*
 * Rows of a dump that complete staged ones. With --data-only pg-sample writes them for
 * foreign keys in a cycle: the rows of a table have NULL in the columns of such a foreign
 * key, and its values follow after the rows of all tables.
 *
 * They are staged in a table of their own, and then one UPDATE sets the columns in the
 * staging table. So the checks see whole rows, and the cycle is no different from other
 * foreign keys in the commit.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "base/die.h"
#include "base/plural.h"
#include "base/strbuf.h"
#include "db/db.h"
#include "load/stage/stage_internal.h"

bool
stage_completion_is_running(const LoadBatch *batch, const LoadTable *table)
{
    for (int i = 0; i < batch->n_tables; i++)
    {
        if (table == &batch->tables[i])
            return false;
    }
    return true;
}

void
stage_completion_add(StageState *state, StageCompletion *completion)
{
    completion->next = state->completions;
    state->completions = completion;
}

void
stage_completion_die(const StageCopy *copy, int64_t record, const char *reason)
{
    die_hint(EXIT_SERVER,
             "In the dump the values of foreign keys in a cycle follow after all rows; "
             "without them the rows are not complete.",
             "%s: record %" PRId64 " of those that complete rows of table %s: %s",
             batch_get_source_name(copy->batch, record), batch_get_record_number(record),
             copy->table->name, reason);
}

/*
 * Keys are compared as text, which is the same in both blocks of the dump: that needs no
 * operators of the types.
 */
static void
append_completing_update(PQExpBuffer sql, const LoadTable *into,
                         const StageCompletion *completion)
{
    const LoadTable *rows = &completion->rows;
    const Column *columns = rows->target->relation->columns;

    appendPQExpBuffer(sql, "UPDATE %s AS s\n   SET ", into->stage);
    for (int i = completion->n_key; i < rows->n_columns; i++)
        appendPQExpBuffer(sql, "%s%s = p.%s", i > completion->n_key ? ", " : "",
                          columns[rows->columns[i]].qname,
                          columns[rows->columns[i]].qname);
    appendPQExpBuffer(sql,
                      "\n  FROM %s AS p\n"
                      " WHERE (s." RECORD_COLUMN " OPERATOR(pg_catalog.>>) %d)"
                      " OPERATOR(pg_catalog.=) (p." RECORD_COLUMN
                      " OPERATOR(pg_catalog.>>) %d)",
                      rows->stage, RECORD_BITS, RECORD_BITS);
    for (int i = 0; i < completion->n_key; i++)
        appendPQExpBuffer(sql,
                          "\n   AND (s.%s::pg_catalog.text COLLATE pg_catalog.\"C\")"
                          " OPERATOR(pg_catalog.=)"
                          " (p.%s::pg_catalog.text COLLATE pg_catalog.\"C\")",
                          columns[rows->columns[i]].qname,
                          columns[rows->columns[i]].qname);
}

static int64_t
update_rows(StageState *state, const LoadTable *into, const StageCompletion *completion)
{
    LoadBatch *batch = state->batch;
    PQExpBufferData sql;
    PGresult *result;
    int64_t n;

    initPQExpBuffer(&sql);
    append_completing_update(&sql, into, completion);
    db_set_context(batch->db, "could not complete the staged rows of %s", into->name);
    result = db_try(batch->db, sql.data);
    if (!db_succeeded(result))
        db_error_die(batch->db, result, NULL);
    n = strtoll(PQcmdTuples(result), NULL, 10);
    PQclear(result);
    resetPQExpBuffer(&sql);
    appendPQExpBuffer(&sql, "DROP TABLE %s", completion->rows.stage);
    db_execute(batch->db, sql.data);
    db_set_context(batch->db, NULL);
    termPQExpBuffer(&sql);
    return n;
}

/* Rejected rows are not completed. */
static void
complete(StageState *state, StageCompletion *completion)
{
    const LoadTable *into = &state->batch->tables[completion->table];
    int64_t n_wanted = completion->rows.n_staged;
    int64_t n;

    if (completion->rows.stage == NULL || into->stage == NULL)
        return;
    n = update_rows(state, into, completion);
    if (n > n_wanted || n + into->counts.rejected_parse < n_wanted)
        die_hint(EXIT_SERVER, "Make the dump again, or without --data-only.",
                 "%s: %" PRId64 " row%s others of table %s, but %" PRId64
                 " of these %s found",
                 state->batch->sources[completion->source].name, n_wanted,
                 plural_choose(n_wanted, " completes", "s complete"), into->name, n,
                 plural_choose(n, "was", "were"));
}

void
stage_completion_run(StageState *state)
{
    if (rejects_are_hopeless(state->rejects))
        return; /* not all sources were read */
    for (StageCompletion *next = state->completions; next != NULL; next = next->next)
        complete(state, next);
}
