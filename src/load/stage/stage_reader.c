#include <string.h>

#include "base/arena.h"
#include "base/die.h"
#include "load/stage/source_encoding.h"
#include "load/stage/stage_internal.h"

LoadTable *
stage_reader_get_table(const StageState *state, const StageReader *reader)
{
    if (reader->plan.completion != NULL)
        return &reader->plan.completion->rows;
    return &state->batch->tables[reader->plan.table];
}

/* The sources that follow this one are fetched ahead, as many as the store allows. */
static void
expect_sources(StageState *state, int source)
{
    const LoadSource *sources = state->batch->sources;

    if (state->n_expected <= source)
        state->n_expected = source + 1;
    while (
        state->n_expected < state->end &&
        bytes_expect(sources[state->n_expected].path, &sources[state->n_expected].object))
        state->n_expected++;
}

static void
open_and_keep_plan(StageState *state, StageReader *reader, int source)
{
    const LoadBatch *batch = state->batch;
    InputSpec spec = batch->input;
    Diag diag = {0};

    *reader = (StageReader){.source = source,
                            .plan = reader->plan,
                            .like = reader->like,
                            .like_source = reader->like_source};
    spec.path = batch->sources[source].path;
    spec.object = batch->sources[source].object;
    spec.format = batch->sources[source].format;
    spec.is_hashed = batch->hashes != NULL;
    for (int i = 0; i < batch->n_tables; i++)
    {
        if (batch->tables[i].numbered_source == source + 1)
            batch->tables[i].n_numbered = 0;
    }
    expect_sources(state, source);
    reader->input = input_open(&spec, &diag);
    if (reader->input == NULL)
        die(EXIT_CONNECTION, &diag);
    expect_sources(state, source);
}

void
stage_reader_open(StageState *state, StageReader *reader, int source)
{
    *reader = (StageReader){0};
    open_and_keep_plan(state, reader, source);
}

void
stage_reader_close(StageReader *reader)
{
    input_close(reader->input);
    reader->input = NULL;
    reader->has_found = false;
    reader->has_table = false;
}

void
stage_reader_count_bytes(const StageState *state, StageReader *reader)
{
    uint64_t n_bytes = input_count_bytes(reader->input);

    state->batch->tables[reader->plan.table].counts.bytes +=
        (int64_t)(n_bytes - reader->n_bytes);
    reader->n_bytes = n_bytes;
}

void
stage_reader_die(const Input *input, const Diag *diag)
{
    die(input_is_unreadable(input) ? EXIT_CONNECTION : EXIT_SERVER, diag);
}

/*
 * A dump can have several blocks of rows of one table, for example one for each
 * partition. Their records are numbered consecutively.
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

/* Bytes before the first table count as bytes of that table. */
static void
begin_table(StageState *state, StageReader *reader)
{
    number_records(reader, stage_reader_get_table(state, reader));
    if (reader->plan.completion != NULL)
        stage_completion_add(state, reader->plan.completion);
    if (reader->n_tables++ > 0)
        reader->n_bytes = input_count_bytes(reader->input);
    reader->has_table = true;
    if (reader->plan.members != NULL)
        input_project_members(reader->input, reader->plan.members,
                              batch_get_record_base(reader->source));
    else
        input_project(reader->input, reader->plan.n_record_fields, reader->plan.fields,
                      reader->plan.constants, reader->plan.n_fields,
                      batch_get_record_base(reader->source));
}

/* The sequences of a dump are known at its end. */
static void
keep_sequences(const StageState *state, const StageReader *reader)
{
    LoadBatch *batch = state->batch;
    const char *path = state->batch->sources[reader->source].name;
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

static void
end_source(const StageState *state, StageReader *reader)
{
    LoadBatch *batch = state->batch;
    Diag diag = {0};

    keep_sequences(state, reader);
    if (batch->hashes != NULL &&
        !input_finish_hash(reader->input, &batch->hashes[reader->source], &diag))
        stage_reader_die(reader->input, &diag);
    stage_reader_close(reader);
}

/* ---- the plan for sources that follow each other */

static bool
are_equal_texts(const char *one, const char *other)
{
    return one != NULL && other != NULL && strcmp(one, other) == 0;
}

static bool
is_json_format(InputFormat format)
{
    return format == INPUT_JSON || format == INPUT_JSONL;
}

bool
stage_reader_are_alike(const LoadSource *one, const LoadSource *other)
{
    return (one->format == other->format ||
            (is_json_format(one->format) && is_json_format(other->format))) &&
           one->is_guess == other->is_guess && are_equal_texts(one->table, other->table);
}

static bool
are_like_tables(const InputTable *one, const InputTable *other)
{
    if (one->n_columns != other->n_columns ||
        (one->columns == NULL) != (other->columns == NULL))
        return false;
    for (size_t i = 0; one->columns != NULL && i < one->n_columns; i++)
    {
        if (strcmp(one->columns[i], other->columns[i]) != 0)
            return false;
    }
    return true;
}

/* Only where a source has one table, which it does not name. */
static bool
is_plan_good(const StageState *state, const StageReader *reader)
{
    const LoadSource *sources = state->batch->sources;

    return reader->like != NULL && input_get_format(reader->input) != INPUT_DUMP &&
           stage_reader_are_alike(&sources[reader->like_source],
                                  &sources[reader->source]) &&
           are_like_tables(reader->like, &reader->found);
}

static void
keep_likeness(const StageState *state, StageReader *reader)
{
    Arena *arena = state->batch->arena;
    const InputTable *found = &reader->found;
    const char **columns;
    InputTable *like;

    reader->like = NULL;
    if (input_get_format(reader->input) == INPUT_DUMP)
        return;
    columns = arena_alloc(arena, (found->n_columns + 1) * sizeof(*columns));
    like = arena_alloc(arena, sizeof(*like));
    for (size_t i = 0; found->columns != NULL && i < found->n_columns; i++)
        columns[i] = arena_copy_string(arena, found->columns[i]);
    *like = (InputTable){.columns = found->columns != NULL ? columns : NULL,
                         .n_columns = found->n_columns};
    reader->like = like;
    reader->like_source = reader->source;
}

/* Asks the planner; for rows of a dump that includes questions to the server. */
static void
plan_found(StageState *state, StageReader *reader)
{
    const char *path = state->batch->sources[reader->source].name;

    if (reader->n_seen++ == 0)
        reader->encoding =
            source_encoding_find(state->batch, reader->source, reader->input);
    source_encoding_convert_table(state->batch, path, reader->encoding, &reader->found);
    reader->plan =
        state->planner(state->context, state->batch, reader->source, &reader->found);
    keep_likeness(state, reader);
}

static void
take_plan(StageState *state, StageReader *reader)
{
    if (reader->plan.table >= 0)
        batch_note_source(&state->batch->tables[reader->plan.table], reader->source);
}

/* ---- the next table */

/* Sets found; false: there is none in the source. */
static bool
find_in_source(StageReader *reader)
{
    Diag diag = {0};
    InputStatus status;

    if (reader->has_found)
        return true;
    status = input_next_table(reader->input, &reader->found, &diag);
    if (status == INPUT_ERROR)
        stage_reader_die(reader->input, &diag);
    reader->has_found = status == INPUT_TABLE;
    return reader->has_found;
}

bool
stage_reader_next_table(StageState *state, StageReader *reader)
{
    reader->has_table = false;
    while (find_in_source(reader))
    {
        end_numbers(reader);
        if (is_plan_good(state, reader))
            take_plan(state, reader);
        else
            plan_found(state, reader);
        reader->has_found = false;
        if (reader->plan.table < 0)
            continue;
        begin_table(state, reader);
        return true;
    }
    end_source(state, reader);
    return false;
}

bool
stage_reader_next(StageState *state, StageReader *reader)
{
    for (;;)
    {
        if (reader->input != NULL && stage_reader_next_table(state, reader))
            return true;
        if (reader->source + 1 >= state->end)
            return false;
        open_and_keep_plan(state, reader, reader->source + 1);
    }
}

bool
stage_reader_go_on(StageState *state, StageReader *reader)
{
    const LoadSource *source = &state->batch->sources[reader->source];

    stage_reader_count_bytes(state, reader);
    reader->has_table = false;
    if (input_get_format(reader->input) == INPUT_DUMP ||
        reader->source + 1 >= state->end || !stage_reader_are_alike(source, source + 1))
        return false;
    end_source(state, reader);
    open_and_keep_plan(state, reader, reader->source + 1);
    if (!find_in_source(reader) || !is_plan_good(state, reader))
        return false;
    take_plan(state, reader);
    reader->has_found = false;
    begin_table(state, reader);
    return true;
}
