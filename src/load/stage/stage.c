#include "load/stage/stage.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"
#include "db/db.h"
#include "load/load_session.h"
#include "load/registry/registry.h"
#include "load/stage/stage_internal.h"

enum
{
    MAX_PEEKED = 64 * 1024 * 1024, /* bytes: the most that is kept in memory */
    PEEK_SIZE = 1024 * 1024
};

/* ---- peeking */

static StagePart *
add_part(StageState *state, LoadTable *table, const char *encoding)
{
    StagePart *part = mem_alloc_zero(1, sizeof(*part));

    part->table = table;
    part->encoding = encoding;
    lines_init(&part->lines);
    if (state->last_part != NULL)
        state->last_part->next = part;
    else
        state->parts = part;
    state->last_part = part;
    return part;
}

/* The part for the next rows: the last one, if it is for such rows and has room. */
static StagePart *
get_part(StageState *state, const StageReader *reader)
{
    LoadTable *table = stage_reader_get_table(state, reader);
    StagePart *last = state->last_part;

    if (last != NULL && last->table == table && last->encoding == reader->encoding &&
        !lines_are_full(&last->lines, SIZE_MAX, PEEK_SIZE))
        return last;
    return add_part(state, table, reader->encoding);
}

/* Reads rows of the table until there are n_wanted; false at the end of the table. */
static bool
peek_table(StageState *state, StageReader *reader, size_t n_wanted, size_t *n_rows,
           size_t *n_bytes)
{
    InputStatus status = INPUT_ROWS;

    while (*n_rows < n_wanted && *n_bytes < MAX_PEEKED && status == INPUT_ROWS)
    {
        Lines *lines = &get_part(state, reader)->lines;
        size_t n_before = lines->n_lines + lines->n_rejects;
        size_t n_bytes_before = lines_count_bytes(lines);
        Diag diag = {0};

        status = input_read(reader->input, lines, n_before + n_wanted - *n_rows,
                            PEEK_SIZE, &diag);
        if (status == INPUT_ERROR)
            stage_reader_die(reader->input, &diag);
        if (reader->plan.completion == NULL)
            *n_rows += lines->n_lines + lines->n_rejects - n_before;
        *n_bytes += lines_count_bytes(lines) - n_bytes_before;
    }
    if (status == INPUT_END)
        stage_reader_count_bytes(state, reader);
    return status != INPUT_END;
}

/* True if all sources have ended; otherwise the reader is at the next row. */
static bool
peek(StageState *state, StageReader *reader)
{
    size_t n_wanted = (size_t)state->batch->settings->staging_min_rows;
    size_t n_rows = 0;
    size_t n_bytes = 0;

    while (stage_reader_next(state, reader))
    {
        if (peek_table(state, reader, n_wanted, &n_rows, &n_bytes))
            return false;
    }
    return true;
}

static void
free_part(StagePart *part)
{
    lines_free(&part->lines);
    free(part);
}

/* Without staging tables the sources are read again. */
static void
forget_parts(StageState *state)
{
    LoadBatch *batch = state->batch;

    while (state->parts != NULL)
    {
        StagePart *next = state->parts->next;

        free_part(state->parts);
        state->parts = next;
    }
    for (int i = 0; i < batch->n_tables; i++)
        batch->tables[i].counts = (LoadCounts){0};
}

/* Stages the rows that were peeked; false if no staging table can be created. */
static bool
send_parts(StageState *state)
{
    while (state->parts != NULL)
    {
        StagePart *part = state->parts;
        StageCopy copy;

        if (!stage_table_need(state, part->table))
            return false;
        copy = stage_copy_begin(state, part->table, part->encoding);
        stage_copy_lines(&copy, &part->lines);
        stage_copy_free(&copy);
        state->parts = part->next;
        free_part(part);
    }
    state->last_part = NULL;
    return true;
}

/* ---- everything */

/* Checked before reading: standard input can be read only once. */
static bool
has_place(StageState *state)
{
    LoadBatch *batch = state->batch;
    char *answer;
    bool may_make_temporary;

    if (batch->schema != NULL || batch->settings->staging == STAGING_ALWAYS)
        return true;
    answer = db_query_value(batch->db, "SELECT pg_catalog.has_database_privilege("
                                       "pg_catalog.current_database(), 'TEMPORARY')");
    may_make_temporary = answer != NULL && answer[0] == 't';
    free(answer);
    if (!may_make_temporary)
    {
        state->has_tried_unlogged = true;
        state->has_tried_temporary = true;
        (void)stage_table_fall_back(state,
                                    "the role has neither a schema to stage in nor the "
                                    "privilege TEMPORARY on the database");
    }
    return may_make_temporary;
}

static void
read_sources(StageState *state)
{
    const LoadSettings *settings = state->batch->settings;
    StageReader reader = {.source = -1};
    bool may_be_small = settings->staging == STAGING_AUTO && !settings->stage_only;
    bool is_small = may_be_small && peek(state, &reader);

    stage_table_choose_kind(state, is_small ? STAGE_TEMPORARY : STAGE_UNLOGGED);
    if (state->batch->stage_kind != STAGE_NONE && send_parts(state) && !is_small)
    {
        if (settings->jobs > 1 && state->batch->n_sources - reader.source > 1 &&
            state->batch->stage_kind == STAGE_UNLOGGED)
            stage_workers_run(state, &reader);
        else
            stage_source_finish(state, &reader);
    }
    stage_reader_close(&reader);
}

/* Creates the staging tables of tables without rows, and describes all of them. */
static void
finish_tables(StageState *state)
{
    LoadBatch *batch = state->batch;

    stage_completion_run(state);
    for (int i = 0; i < batch->n_tables; i++)
    {
        if (batch->tables[i].stage != NULL)
            continue;
        if (!stage_table_need(state, &batch->tables[i]))
            return;
        i = -1; /* a fallback changes the kind of all tables */
    }
    for (int i = 0; i < batch->n_tables; i++)
        registry_describe(batch, &batch->tables[i], batch->tables[i].stage, "staging");
}

void
stage_load(LoadBatch *batch, StagePlanner planner, void *context, Rejects *rejects)
{
    StageState state = {.batch = batch,
                        .end = batch->n_sources,
                        .planner = planner,
                        .context = context,
                        .rejects = rejects};

    batch->stage_kind = STAGE_NONE;
    if (batch->settings->staging == STAGING_NEVER)
        return;
    load_session_show(batch->db, "stage");
    if (has_place(&state))
        read_sources(&state);
    log_progress_clear();
    if (batch->stage_kind != STAGE_NONE)
        finish_tables(&state);
    if (batch->stage_kind == STAGE_NONE)
        forget_parts(&state);
}
