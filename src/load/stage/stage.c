#include "load/stage/stage.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/die.h"
#include "base/log.h"
#include "base/mem.h"
#include "db/db.h"
#include "load/load_session.h"
#include "load/registry/registry.h"
#include "load/registry/registry_internal.h"
#include "load/stage/source_encoding.h"
#include "load/stage/stage_internal.h"

enum
{
    MAX_PEEKED = 64 * 1024 * 1024, /* bytes: rows of more are no small load */
    PEEK_SIZE = 1024 * 1024
};

/* ---- reading */

LoadTable *
stage_get_table(const StageState *state, const StageReader *reader)
{
    if (reader->plan.completion != NULL)
        return &reader->plan.completion->rows;
    return &state->batch->tables[reader->plan.table];
}

void
stage_open_source(const StageState *state, StageReader *reader, int source)
{
    Diag diag = {0};

    *reader = (StageReader){.source = source};
    for (int i = 0; i < state->batch->n_tables; i++)
    {
        if (state->batch->tables[i].numbered_source == source + 1)
            state->batch->tables[i].n_numbered = 0;
    }
    reader->input = input_open(&state->sources[source].spec, &diag);
    if (reader->input == NULL)
        die(EXIT_CONNECTION, &diag);
}

void
stage_count_bytes(const StageState *state, StageReader *reader)
{
    uint64_t n_bytes = input_count_bytes(reader->input);

    state->batch->tables[reader->plan.table].counts.bytes +=
        (int64_t)(n_bytes - reader->n_bytes);
    reader->n_bytes = n_bytes;
}

void
stage_die_reading(const Input *input, const Diag *diag)
{
    die(input_is_unreadable(input) ? EXIT_CONNECTION : EXIT_SERVER, diag);
}

/*
 * A dump may have several blocks of rows of one table: of its partitions, say. Their
 * records are numbered through.
 */
static void
number_records(StageReader *reader, LoadTable *table)
{
    if (table->numbered_source != reader->source + 1)
        table->n_numbered = 0;
    table->numbered_source = reader->source + 1;
    input_number_after(reader->input, table->n_numbered);
    reader->numbered = table;
    reader->n_before = input_count_records(reader->input);
}

static void
end_numbers(StageReader *reader)
{
    if (reader->numbered != NULL)
        reader->numbered->n_numbered +=
            input_count_records(reader->input) - reader->n_before;
    reader->numbered = NULL;
}

/* What is before the first table counts as a part of it. */
static void
begin_table(StageState *state, StageReader *reader)
{
    number_records(reader, stage_get_table(state, reader));
    if (reader->plan.completion != NULL)
        stage_completion_add(state, reader->plan.completion);
    if (reader->n_tables++ > 0)
        reader->n_bytes = input_count_bytes(reader->input);
    reader->has_table = true;
    input_project(reader->input, reader->plan.n_record_fields, reader->plan.fields,
                  reader->plan.constants, reader->plan.n_fields,
                  (uint64_t)reader->source << RECORD_BITS);
}

/* What a dump says of sequences is complete when it has been read. */
static void
keep_sequences(const StageState *state, const StageReader *reader)
{
    LoadBatch *batch = state->batch;
    const char *path = state->sources[reader->source].spec.path;
    size_t n;
    const InputSequence *found = input_get_sequences(reader->input, &n);
    size_t n_before = batch->n_sequences;
    InputSequence *all;

    if (n == 0)
        return;
    all = arena_alloc(batch->arena, (n_before + n) * sizeof(*all));
    for (size_t i = 0; i < n_before; i++)
        all[i] = batch->sequences[i];
    for (size_t i = 0; i < n; i++)
    {
        all[n_before + i] = found[i];
        all[n_before + i].name =
            arena_copy_string(batch->arena,
                              source_encoding_convert(batch, path, reader->encoding,
                                                      found[i].name));
    }
    batch->sequences = all;
    batch->n_sequences = n_before + n;
}

bool
stage_next_table(StageState *state, StageReader *reader)
{
    const char *path = state->sources[reader->source].spec.path;
    InputTable table = {0};
    Diag diag = {0};
    InputStatus status;

    reader->has_table = false;
    while ((status = input_next_table(reader->input, &table, &diag)) == INPUT_TABLE)
    {
        end_numbers(reader);
        if (reader->n_seen++ == 0)
            reader->encoding =
                source_encoding_find(state->batch, reader->source, reader->input);
        source_encoding_convert_table(state->batch, path, reader->encoding, &table);
        reader->plan =
            state->planner(state->context, state->batch, reader->source, &table);
        if (reader->plan.table < 0)
            continue;
        begin_table(state, reader);
        return true;
    }
    if (status == INPUT_ERROR)
        stage_die_reading(reader->input, &diag);
    keep_sequences(state, reader);
    input_close(reader->input);
    reader->input = NULL;
    return false;
}

/* ---- peeking */

static StagePart *
add_part(StageState *state, const StageReader *reader)
{
    StagePart *part = mem_alloc_zero(1, sizeof(*part));

    part->source = reader->source;
    part->table = stage_get_table(state, reader);
    part->encoding = reader->encoding;
    lines_init(&part->lines);
    *state->end_of_parts = part;
    state->end_of_parts = &part->next;
    return part;
}

/* Reads rows of the table until there are n_wanted; false at its end. */
static bool
peek_table(StageState *state, StageReader *reader, size_t n_wanted, size_t *n_rows,
           size_t *n_bytes)
{
    InputStatus status = INPUT_ROWS;

    while (*n_rows < n_wanted && *n_bytes < MAX_PEEKED && status == INPUT_ROWS)
    {
        StagePart *part = add_part(state, reader);
        Diag diag = {0};

        status =
            input_read(reader->input, &part->lines, n_wanted - *n_rows, PEEK_SIZE, &diag);
        if (status == INPUT_ERROR)
            stage_die_reading(reader->input, &diag);
        if (reader->plan.completion == NULL)
            *n_rows += part->lines.n_lines + part->lines.n_rejects;
        *n_bytes += part->lines.text.len;
    }
    if (status == INPUT_END)
        stage_count_bytes(state, reader);
    return status != INPUT_END;
}

/* True if that is all; else the reader is where there is more. */
static bool
peek(StageState *state, StageReader *reader)
{
    size_t n_wanted = (size_t)state->batch->settings->staging_min_rows;
    size_t n_rows = 0;
    size_t n_bytes = 0;

    for (int i = 0; i < state->n_sources; i++)
    {
        stage_open_source(state, reader, i);
        while (stage_next_table(state, reader))
        {
            if (peek_table(state, reader, n_wanted, &n_rows, &n_bytes))
                return false;
        }
    }
    return true;
}

static void
free_part(StagePart *part)
{
    lines_free(&part->lines);
    free(part);
}

/* What was peeked and does not go into staging tables is read again. */
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

/* Stages what was peeked; false if no staging table can be made. */
static bool
send_parts(StageState *state)
{
    while (state->parts != NULL)
    {
        StagePart *part = state->parts;
        StageCopy copy;

        if (!stage_table_need(state, part->table))
            return false;
        copy = stage_copy_begin(state, state->batch->db, part->source, part->table,
                                part->encoding, state->rejects);
        stage_copy_lines(&copy, &part->lines);
        stage_copy_free(&copy);
        state->parts = part->next;
        free_part(part);
    }
    return true;
}

/* ---- everything */

/* False if it ended early: there is no table to stage into, or it is of no use. */
static bool
finish_table(StageState *state, StageReader *reader)
{
    LoadTable *table = stage_get_table(state, reader);
    StageCopy copy;

    if (!stage_table_need(state, table))
        return false;
    copy = stage_copy_begin(state, state->batch->db, reader->source, table,
                            reader->encoding, state->rejects);
    stage_copy_rest(&copy, reader);
    stage_copy_free(&copy);
    stage_count_bytes(state, reader);
    reader->has_table = false;
    return !rejects_are_hopeless(state->rejects);
}

void
stage_finish_source(StageState *state, StageReader *reader)
{
    while ((reader->has_table || stage_next_table(state, reader)) &&
           finish_table(state, reader))
        continue;
    input_close(reader->input);
    *reader = (StageReader){0};
}

static void
finish_sources(StageState *state, StageReader *reader)
{
    int first = reader->source;

    for (int i = first; i < state->n_sources; i++)
    {
        if (reader->input == NULL)
            stage_open_source(state, reader, i);
        stage_finish_source(state, reader);
        if (state->batch->stage_kind == STAGE_NONE ||
            rejects_are_hopeless(state->rejects))
            return;
    }
}

/* Nothing is read if there is no place for it: standard input comes only once. */
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
    StageReader reader = {.source = 0};
    bool may_be_small = settings->staging == STAGING_AUTO && !settings->stage_only;
    bool is_small = may_be_small && peek(state, &reader);

    stage_table_choose_kind(state, is_small ? STAGE_TEMPORARY : STAGE_UNLOGGED);
    if (state->batch->stage_kind != STAGE_NONE && send_parts(state) && !is_small)
    {
        if (settings->jobs > 1 && state->n_sources - reader.source > 1 &&
            state->batch->stage_kind == STAGE_UNLOGGED)
            stage_workers_run(state, &reader);
        else
            finish_sources(state, &reader);
    }
    input_close(reader.input);
}

/* A table without any row has a staging table too, and all have their numbers. */
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
        i = -1; /* another kind of table is another kind for all */
    }
    for (int i = 0; i < batch->n_tables; i++)
        registry_describe(batch, &batch->tables[i], batch->tables[i].stage, "staging");
}

void
stage_load(LoadBatch *batch, const StageSource *sources, int n_sources,
           StagePlanner planner, void *context, Rejects *rejects)
{
    StageState state = {.batch = batch,
                        .sources = sources,
                        .n_sources = n_sources,
                        .planner = planner,
                        .context = context,
                        .rejects = rejects};

    state.end_of_parts = &state.parts;
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
