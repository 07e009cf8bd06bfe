#include "sample/provenance.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "model/query_provenance.h"
#include "sample/direct/provenance_memory.h"
#include "sample/staging/staging_provenance.h"

struct Why
{
    Sample *sample;
    const EdgeOrder *order;
    Session *session;  /* to look up keys with, or NULL: all rows were read */
    WhyMemory *memory; /* NULL when staging */
    Db *source;        /* to look up keys of rows that were not read, or NULL */
};

Why *
why_build(Sample *sample, Session *session, bool is_complete)
{
    Why *why = mem_alloc_zero(1, sizeof(*why));

    why->sample = sample;
    why->session = is_complete ? NULL : session;
    why->order = edge_order_build(sample->graph);
    if (sample->stage != NULL)
        stage_why_build(sample, session, why->order);
    else
        why->memory = why_memory_build(sample, session, why->order, is_complete);
    return why;
}

void
why_free(Why *why)
{
    if (why == NULL)
        return;
    why_memory_free(why->memory);
    db_close(why->source);
    free(why);
}

const EdgeOrder *
why_get_edge_order(const Why *why)
{
    return why->order;
}

bool
why_follow(Why *why, WhyRow row, WhyChain *chain)
{
    WhyStep step;

    *chain = (WhyChain){0};
    if (why->memory == NULL)
        return stage_why_follow(why->sample, why->order, row, chain);
    while (why_memory_find(why->memory, row, &step, &row))
    {
        MEM_GROW(chain->steps, chain->capacity, chain->n_steps);
        chain->steps[chain->n_steps++] = step;
        if (step.edge < 0)
            return true;
    }
    return false;
}

void
why_free_chain(WhyChain *chain)
{
    free(chain->steps);
    *chain = (WhyChain){0};
}

/* ---- keys */

/* Without a key, or with one that is not fetched: where the row is. */
static bool
has_key(const RowLayout *layout)
{
    for (int i = 0; i < layout->relation->n_key; i++)
    {
        if (layout->field_of_column[layout->relation->key[i]] < 0)
            return false;
    }
    return layout->relation->n_key > 0;
}

static char *
format_place(const Relation *relation, RowId id)
{
    char *place =
        mem_format("(ctid %u,%u%s%s)", rowid_block(id), rowid_offset(id),
                   relation->is_partitioned ? " of " : "",
                   relation->is_partitioned ? relation->leaves[rowid_leaf(id)].qname
                                            : "");

    return place;
}

/* The field at that position of a line. */
static CopyField
get_field(const char *line, size_t length, int position)
{
    CopyLine rest = copytext_line(line, length);
    CopyField field = {.text = ""};

    for (int i = 0; i <= position; i++)
        (void)copytext_next_field(&rest, &field);
    return field;
}

/* Does not wait for locks, and does without where it cannot be. */
static void
open_source(Why *why)
{
    char *snapshot;
    char *begin;

    why->source = db_try_connect_again(why->session->holder);
    if (why->source == NULL)
        return;
    session_prepare(why->session, why->source);
    session_choose_path(why->session, why->source);
    snapshot = db_quote_literal(why->source, why->session->snapshot);
    db_set(why->source, (const char *const[]){"lock_timeout", "1s", NULL});
    begin = mem_format("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;\n"
                       "SET TRANSACTION SNAPSHOT %s",
                       snapshot);
    db_execute(why->source, begin);
    free(begin);
    PQfreemem(snapshot);
}

/* The key of a row that was not read, or NULL. */
static char *
read_key(Why *why, WhyRow row)
{
    PQExpBufferData sql;
    PGresult *result;
    char *key = NULL;

    if (why->source == NULL && why->session != NULL)
        open_source(why);
    if (why->source == NULL)
        return NULL;
    initPQExpBuffer(&sql);
    query_why_source_key(&sql, &why->sample->graph->catalog->relations[row.relation],
                         row.id);
    result = db_try(why->source, sql.data);
    if (db_succeeded(result) && PQntuples(result) == 1)
    {
        resetPQExpBuffer(&sql);
        for (int i = 0; i < PQnfields(result); i++)
            appendPQExpBuffer(&sql, "%s%s", i == 0 ? "(" : ",", PQgetvalue(result, 0, i));
        appendPQExpBufferChar(&sql, ')');
        key = mem_copy_string(sql.data);
    }
    else
        (void)db_recover(why->source);
    PQclear(result);
    termPQExpBuffer(&sql);
    return key;
}

/* Takes the key's fields out of the line: those of the layout, or all of them. */
static char *
format_fields(const RowLayout *layout, const char *line, size_t length, bool is_key)
{
    PQExpBufferData text;
    char *copy;

    initPQExpBuffer(&text);
    for (int i = 0; i < layout->relation->n_key; i++)
    {
        int position = layout->field_of_column[layout->relation->key[i]];
        CopyField field = get_field(line, length, is_key ? i : position);

        appendPQExpBufferStr(&text, i == 0 ? "(" : ",");
        appendBinaryPQExpBuffer(&text, field.text, field.length);
    }
    appendPQExpBufferChar(&text, ')');
    copy = mem_copy_string(text.data);
    termPQExpBuffer(&text);
    return copy;
}

char *
why_format_key(Why *why, WhyRow row)
{
    const RowLayout *layout = &why->sample->layouts[row.relation];
    size_t length = 0;
    const char *line = NULL;
    char *staged = NULL;
    char *key;

    if (!has_key(layout))
        return format_place(layout->relation, row.id);
    if (why->memory != NULL)
        line = why_memory_get_line(why->memory, row, &length);
    else
    {
        line = staged = stage_why_get_key(why->sample, row);
        length = staged != NULL ? strlen(staged) : 0;
    }
    if (line != NULL)
        key = format_fields(layout, line, length, staged != NULL);
    else
        key = read_key(why, row);
    free(staged);
    return key != NULL ? key : format_place(layout->relation, row.id);
}

/* ---- edges */

static int
compare_edges(const void *left, const void *right, void *context)
{
    const EdgeOrder *order = context;
    const WhyEdge *a = left;
    const WhyEdge *b = right;

    if (a->n_rows != b->n_rows)
        return a->n_rows > b->n_rows ? -1 : 1;
    if (a->edge != b->edge)
        return order->ranks[a->edge] < order->ranks[b->edge] ? -1 : 1;
    return (int)a->is_down - (int)b->is_down;
}

WhyEdges *
why_count_edges(Why *why)
{
    WhyEdges *edges = mem_alloc_zero(1, sizeof(*edges));

    edges->order = why->order;
    if (why->memory != NULL)
        why_memory_count(why->memory, edges);
    else
        stage_why_count(why->sample, why->order, edges);
    if (edges->n_edges > 0)
        qsort_r(edges->edges, edges->n_edges, sizeof(WhyEdge), compare_edges,
                (void *)(uintptr_t)why->order);
    for (size_t i = 0; i < edges->n_edges; i++)
        edges->edges[i].largest_key = why_format_key(why, edges->edges[i].largest);
    for (size_t i = 0; i < edges->n_bringers; i++)
        edges->bringers[i].key = why_format_key(why, edges->bringers[i].row);
    return edges;
}

void
why_free_edges(WhyEdges *edges)
{
    if (edges == NULL)
        return;
    for (size_t i = 0; i < edges->n_edges; i++)
        free(edges->edges[i].largest_key);
    for (size_t i = 0; i < edges->n_bringers; i++)
        free(edges->bringers[i].key);
    free(edges->edges);
    free(edges);
}

void
why_add_outside(WhyEdges *edges, int edge, bool is_down, uint64_t n)
{
    for (size_t i = 0; i < edges->n_edges; i++)
    {
        if (edges->edges[i].edge == edge && edges->edges[i].is_down == is_down)
            edges->edges[i].n_outside += n;
    }
}

void
why_note_outside(Why *why, WhyEdges *edges, int relation, const RowId *ids, size_t n)
{
    WhyStep step;
    WhyRow from;

    if (why->memory == NULL)
    {
        stage_why_note_outside(why->sample, why->order, edges, relation, ids, n);
        return;
    }
    for (size_t i = 0; i < n; i++)
    {
        const WhyRow row = {.relation = relation, .id = ids[i]};

        if (why_memory_find(why->memory, row, &step, &from) && step.edge >= 0)
            why_add_outside(edges, step.edge, step.is_down, 1);
    }
}
