#include "load/stage/stage_internal.h"

/* False if staging has ended: there are no staging tables, or too many rejects. */
static bool
finish_table(StageState *state, StageReader *reader)
{
    LoadTable *table = stage_reader_get_table(state, reader);
    StageCopy copy;

    if (!stage_table_need(state, table))
        return false;
    copy = stage_copy_begin(state, table, reader->encoding);
    stage_copy_rest(&copy, state, reader);
    stage_copy_free(&copy);
    if (reader->has_table)
        stage_reader_count_bytes(state, reader);
    return !rejects_are_hopeless(state->rejects);
}

void
stage_source_finish(StageState *state, StageReader *reader)
{
    while ((reader->has_table || stage_reader_next(state, reader)) &&
           finish_table(state, reader))
        continue;
    stage_reader_close(reader);
}
