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

void
stage_reader_open(const StageState *state, StageReader *reader, int source)
{
    const LoadBatch *batch = state->batch;
    InputSpec spec = batch->input;
    Diag diag = {0};

    *reader = (StageReader){.source = source};
    spec.path = batch->sources[source].name;
    spec.format = batch->sources[source].format;
    spec.is_hashed = batch->hashes != NULL;
    for (int i = 0; i < batch->n_tables; i++)
    {
        if (batch->tables[i].numbered_source == source + 1)
            batch->tables[i].n_numbered = 0;
    }
    reader->input = input_open(&spec, &diag);
    if (reader->input == NULL)
        die(EXIT_CONNECTION, &diag);
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
                              (uint64_t)reader->source << RECORD_BITS);
    else
        input_project(reader->input, reader->plan.n_record_fields, reader->plan.fields,
                      reader->plan.constants, reader->plan.n_fields,
                      (uint64_t)reader->source << RECORD_BITS);
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
close_input(const StageState *state, StageReader *reader)
{
    LoadBatch *batch = state->batch;
    Diag diag = {0};

    if (batch->hashes != NULL &&
        !input_finish_hash(reader->input, &batch->hashes[reader->source], &diag))
        stage_reader_die(reader->input, &diag);
    input_close(reader->input);
    reader->input = NULL;
}

bool
stage_reader_next_table(StageState *state, StageReader *reader)
{
    const char *path = state->batch->sources[reader->source].name;
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
        stage_reader_die(reader->input, &diag);
    keep_sequences(state, reader);
    close_input(state, reader);
    return false;
}
