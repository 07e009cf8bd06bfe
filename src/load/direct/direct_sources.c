#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/mem.h"
#include "load/direct/direct_internal.h"

static const StageInput skipped = {.table = -1};

static bool
is_stream(const DirectSources *sources, int source)
{
    return strcmp(sources->state.batch->sources[source].name, "-") == 0;
}

/* Rows that are written at once cannot be completed later. */
static void
refuse_completion(const DirectSources *sources, const StageReader *reader)
{
    if (reader->has_table && reader->plan.completion != NULL)
        die_hint(EXIT_SERVER,
                 "Use staging tables, or write the dump without "
                 "--data-only.",
                 "%s has the rows of table %s in two parts, because of a cycle of "
                 "foreign keys",
                 sources->state.batch->sources[reader->source].name,
                 sources->state.batch->tables[reader->plan.table].name);
}

/* Which columns a record lacks is noted in staging tables only. */
static void
refuse_members(const DirectSources *sources, const StageReader *reader)
{
    const LoadBatch *batch = sources->state.batch;

    if (reader->has_table && reader->plan.members != NULL)
        die_hint(batch->settings->staging == STAGING_NEVER ? EXIT_USAGE : EXIT_SERVER,
                 "Records of JSON can lack columns, which is noted in staging tables.",
                 "cannot load %s into table %s without staging tables",
                 batch->sources[reader->source].name,
                 batch->tables[reader->plan.table].name);
}

/* ---- what can be loaded now */

static int
get_target_relation(const DirectSources *sources, int table)
{
    return sources->state.batch->tables[table].target->relation_index;
}

/* Adds to the number of blocks of the table that are not loaded. */
static void
count_left(DirectSources *sources, int table, int n)
{
    sources->n_left += n;
    sources->n_left_of[get_target_relation(sources, table)] += n;
}

/* Are all tables loaded that the table references? In a cycle, tables do not wait. */
static bool
is_loadable(const DirectSources *sources, int table)
{
    const FkGraph *graph = sources->state.batch->graph;
    int relation = get_target_relation(sources, table);
    const IntList *fks = &graph->outgoing[relation];

    for (int i = 0; i < fks->n_items; i++)
    {
        int referenced = graph->fks[fks->items[i]].foreign_key->referenced;

        if (sources->n_left_of[referenced] > 0 &&
            graph->component_of[referenced] != graph->component_of[relation])
            return false;
    }
    return true;
}

static bool
is_block_loadable(const DirectSources *sources, const DirectBlock *block)
{
    return block->plan.table >= 0 && !block->is_loaded &&
           is_loadable(sources, block->plan.table);
}

static bool
has_loadable(const DirectSources *sources, int source)
{
    for (size_t i = sources->first_blocks[source]; i < sources->first_blocks[source + 1];
         i++)
    {
        if (is_block_loadable(sources, &sources->blocks[i]))
            return true;
    }
    return false;
}

static _Noreturn void
die_of_change(void)
{
    die_message(EXIT_CONNECTION, "a source was changed while it was being read");
}

/* A block that cannot be loaded now is skipped. */
static StageInput
take_block(DirectSources *sources)
{
    DirectBlock *block;

    if (sources->next_block >= sources->n_blocks)
        die_of_change();
    block = &sources->blocks[sources->next_block++];
    if (!is_block_loadable(sources, block))
        return skipped;
    block->is_loaded = true;
    count_left(sources, block->plan.table, -1);
    return block->plan;
}

/* ---- the plan */

/* Rows are written as they are read: there is no moment to compare them all. */
static void
check_rules_absent(const LoadTable *table)
{
    if (table->rules != NULL)
        die_hint(EXIT_SERVER,
                 "Grant the role what staging tables need, or load without merge, "
                 "immutable columns, updated_at and soft deletes.",
                 "table %s cannot be written directly: its existing rows decide what "
                 "they become",
                 table->name);
}

/* A StagePlanner. */
static StageInput
plan_block(void *context, LoadBatch *batch, int source, const InputTable *table)
{
    DirectSources *sources = context;
    StageInput plan;

    if (!sources->is_planning && !is_stream(sources, source))
        return take_block(sources);
    plan = sources->input->planner(sources->input->context, batch, source, table);
    if (plan.table >= 0)
        check_rules_absent(&batch->tables[plan.table]);
    if (is_stream(sources, source))
        return plan;
    MEM_GROW(sources->blocks, sources->capacity, sources->n_blocks);
    sources->blocks[sources->n_blocks++] = (DirectBlock){.plan = plan};
    if (plan.table >= 0)
        count_left(sources, plan.table, 1);
    return plan;
}

/* Returns the source's first table, or -1. */
static int
plan_source(DirectSources *sources, int source)
{
    StageReader reader;
    int first = -1;

    sources->first_blocks[source] = sources->n_blocks;
    stage_reader_open(&sources->state, &reader, source);
    while (stage_reader_next_table(&sources->state, &reader))
    {
        refuse_completion(sources, &reader);
        refuse_members(sources, &reader);
        if (first < 0)
            first = reader.plan.table;
        if (!is_stream(sources, source))
            continue;
        count_left(sources, first, 1);
        sources->stream = reader;
        break;
    }
    return first;
}

/* Components are numbered with the referencing ones first. */
static bool
is_before(const DirectSources *sources, int one, int other)
{
    const int *component_of = sources->state.batch->graph->component_of;

    return one >= 0 && other >= 0 &&
           component_of[get_target_relation(sources, one)] >
               component_of[get_target_relation(sources, other)];
}

void
direct_sources_plan(DirectSources *sources, LoadBatch *batch, const DirectInput *input)
{
    int n_items = batch->n_sources;
    size_t n = (size_t)n_items + 1;
    int *firsts = mem_alloc_zero(n, sizeof(int));

    *sources = (DirectSources){.state = {.batch = batch,
                                         .planner = plan_block,
                                         .context = sources},
                               .input = input,
                               .is_planning = true};
    sources->order = mem_alloc_zero(n, sizeof(int));
    sources->first_blocks = mem_alloc_zero(n, sizeof(size_t));
    sources->n_left_of =
        mem_alloc_zero((size_t)batch->catalog->n_relations + 1, sizeof(int));
    for (int i = 0; i < n_items; i++)
    {
        int at = i;

        firsts[i] = plan_source(sources, i);
        for (; at > 0 && is_before(sources, firsts[i], firsts[sources->order[at - 1]]);
             at--)
            sources->order[at] = sources->order[at - 1];
        sources->order[at] = i;
    }
    sources->first_blocks[n_items] = sources->n_blocks;
    sources->is_planning = false;
    sources->n_last_left = sources->n_left + 1;
    free(firsts);
}

/* ---- reading */

static void
begin_source(DirectSources *sources, int source)
{
    StageReader *stream = &sources->stream;

    if (is_stream(sources, source) && stream->has_table &&
        is_loadable(sources, stream->plan.table))
    {
        count_left(sources, stream->plan.table, -1);
        sources->reader = *stream;
        stream->has_table = false;
    }
    else if (has_loadable(sources, source))
    {
        sources->next_block = sources->first_blocks[source];
        stage_reader_open(&sources->state, &sources->reader, source);
        (void)stage_reader_next_table(&sources->state, &sources->reader);
    }
}

bool
direct_sources_next(DirectSources *sources)
{
    if (sources->reader.has_table)
        (void)stage_reader_next_table(&sources->state, &sources->reader);
    while (!sources->reader.has_table && sources->n_left > 0)
    {
        if (sources->at == 0 && sources->n_left == sources->n_last_left)
            die_of_change();
        if (sources->at == 0)
            sources->n_last_left = sources->n_left;
        begin_source(sources, sources->order[sources->at]);
        sources->at = (sources->at + 1) % sources->state.batch->n_sources;
    }
    refuse_completion(sources, &sources->reader);
    return sources->reader.has_table;
}

void
direct_sources_free(DirectSources *sources)
{
    free(sources->order);
    free(sources->blocks);
    free(sources->first_blocks);
    free(sources->n_left_of);
}
