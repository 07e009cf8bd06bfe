#include "sample/provenance.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "model/query_provenance.h"
#include "sample/direct/provenance_memory.h"
#include "sample/masked/mask_hide.h"
#include "sample/staging/staging_provenance.h"

struct Provenance
{
    Sample *sample;
    const FkOrder *order;
    Session *session;         /* to look up keys, or NULL: all rows were fetched */
    ProvenanceMemory *memory; /* NULL in staging mode */
    Db *source;               /* to look up keys of rows that are not fetched, or NULL */
};

Provenance *
provenance_build(Sample *sample, Session *session, bool is_complete)
{
    Provenance *provenance = mem_alloc_zero(1, sizeof(*provenance));

    provenance->sample = sample;
    provenance->session = is_complete ? NULL : session;
    provenance->order = fk_order_build(sample->graph);
    if (sample->staging != NULL)
        staging_provenance_build(sample, session, provenance->order);
    else
        provenance->memory =
            provenance_memory_build(sample, session, provenance->order, is_complete);
    return provenance;
}

void
provenance_free(Provenance *provenance)
{
    if (provenance == NULL)
        return;
    provenance_memory_free(provenance->memory);
    db_close(provenance->source);
    free(provenance);
}

const FkOrder *
provenance_get_fk_order(const Provenance *provenance)
{
    return provenance->order;
}

bool
provenance_follow(Provenance *provenance, ProvenanceRow row, ProvenanceChain *chain)
{
    ProvenanceStep step;

    *chain = (ProvenanceChain){0};
    if (provenance->memory == NULL)
        return staging_provenance_follow(provenance->sample, provenance->order, row,
                                         chain);
    while (provenance_memory_find(provenance->memory, row, &step, &row))
    {
        MEM_GROW(chain->steps, chain->capacity, chain->n_steps);
        chain->steps[chain->n_steps++] = step;
        if (step.fk < 0)
            return true;
    }
    return false;
}

void
provenance_free_chain(ProvenanceChain *chain)
{
    free(chain->steps);
    *chain = (ProvenanceChain){0};
}

/* ---- keys */

/* Is there a key, and is it fetched? Otherwise the row id stands for it. */
static bool
has_fetched_key(const RowLayout *layout)
{
    for (int i = 0; i < layout->relation->n_key; i++)
    {
        if (layout->field_of_column[layout->relation->key[i]] < 0)
            return false;
    }
    return layout->relation->n_key > 0;
}

static char *
format_row_id(const Relation *relation, RowId id)
{
    return mem_format("(ctid %u,%u%s%s)", rowid_block(id), rowid_offset(id),
                      relation->is_partitioned ? " of " : "",
                      relation->is_partitioned ? relation->leaves[rowid_leaf(id)].qname
                                               : "");
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

/* Does not wait for locks. Keys are not shown where this is impossible. */
static void
open_source(Provenance *provenance)
{
    char *snapshot;
    char *begin;

    provenance->source = db_connect_try_again(provenance->session->snapshot_db);
    if (provenance->source == NULL)
        return;
    session_prepare(provenance->session, provenance->source);
    session_choose_path(provenance->session, provenance->source);
    snapshot = db_quote_literal(provenance->source, provenance->session->snapshot);
    db_session_set(provenance->source, (const char *const[]){"lock_timeout", "1s", NULL});
    begin = mem_format("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;\n"
                       "SET TRANSACTION SNAPSHOT %s",
                       snapshot);
    db_execute(provenance->source, begin);
    free(begin);
    PQfreemem(snapshot);
}

static void
append_source_key(PQExpBuffer text, const Plan *plan, int relation,
                  const PGresult *result)
{
    const int *key = plan->catalog->relations[relation].key;
    bool is_hidden = mask_hide_concerns(plan, relation, key, PQnfields(result));

    for (int i = 0; i < PQnfields(result); i++)
        appendPQExpBuffer(text, "%s%s", i == 0 ? "(" : ",",
                          is_hidden ? "?" : PQgetvalue(result, 0, i));
    appendPQExpBufferChar(text, ')');
}

/* The key of a row that is not fetched, or NULL. */
static char *
read_source_key(Provenance *provenance, ProvenanceRow row)
{
    PQExpBufferData sql;
    PGresult *result;
    char *key = NULL;

    if (provenance->source == NULL && provenance->session != NULL)
        open_source(provenance);
    if (provenance->source == NULL)
        return NULL;
    initPQExpBuffer(&sql);
    query_provenance_source_key(
        &sql, &provenance->sample->graph->catalog->relations[row.relation], row.id);
    result = db_try(provenance->source, sql.data);
    if (db_succeeded(result) && PQntuples(result) == 1)
    {
        resetPQExpBuffer(&sql);
        append_source_key(&sql, provenance->sample->plan, row.relation, result);
        key = mem_copy_string(sql.data);
    }
    else
        (void)db_recover(provenance->source);
    PQclear(result);
    termPQExpBuffer(&sql);
    return key;
}

/* The key's fields of a line: by the layout, or all of them (is_key). */
static char *
format_fields(const Plan *plan, const RowLayout *layout, const char *line, size_t length,
              bool is_key)
{
    PQExpBufferData text;
    char *copy;

    initPQExpBuffer(&text);
    for (int i = 0; i < layout->relation->n_key; i++)
    {
        int position = layout->field_of_column[layout->relation->key[i]];
        CopyField field = get_field(line, length, is_key ? i : position);

        appendPQExpBufferStr(&text, i == 0 ? "(" : ",");
        mask_hide_append_field(&text, plan, layout->position, layout->relation->key[i],
                               &field);
    }
    appendPQExpBufferChar(&text, ')');
    copy = mem_copy_string(text.data);
    termPQExpBuffer(&text);
    return copy;
}

char *
provenance_format_key(Provenance *provenance, ProvenanceRow row)
{
    const RowLayout *layout = &provenance->sample->layouts[row.relation];
    size_t length = 0;
    const char *line = NULL;
    char *staged = NULL;
    char *key;

    if (!has_fetched_key(layout))
        return format_row_id(layout->relation, row.id);
    if (provenance->memory != NULL)
        line = provenance_memory_get_line(provenance->memory, row, &length);
    else
    {
        line = staged = staging_provenance_get_key(provenance->sample, row);
        length = staged != NULL ? strlen(staged) : 0;
    }
    if (line != NULL)
        key =
            format_fields(provenance->sample->plan, layout, line, length, staged != NULL);
    else
        key = read_source_key(provenance, row);
    free(staged);
    return key != NULL ? key : format_row_id(layout->relation, row.id);
}

/* ---- counts */

static int
compare_keys(const void *left, const void *right, void *context)
{
    const FkOrder *order = context;
    const ProvenanceKey *a = left;
    const ProvenanceKey *b = right;

    if (a->n_rows != b->n_rows)
        return a->n_rows > b->n_rows ? -1 : 1;
    if (a->fk != b->fk)
        return order->ranks[a->fk] < order->ranks[b->fk] ? -1 : 1;
    return (int)a->is_down - (int)b->is_down;
}

ProvenanceCounts *
provenance_count(Provenance *provenance)
{
    ProvenanceCounts *counts = mem_alloc_zero(1, sizeof(*counts));

    counts->order = provenance->order;
    if (provenance->memory != NULL)
        provenance_memory_count(provenance->memory, counts);
    else
        staging_provenance_count(provenance->sample, provenance->order, counts);
    if (counts->n_fks > 0)
        qsort_r(counts->fks, counts->n_fks, sizeof(ProvenanceKey), compare_keys,
                (void *)(uintptr_t)provenance->order);
    for (size_t i = 0; i < counts->n_fks; i++)
        counts->fks[i].largest_key =
            provenance_format_key(provenance, counts->fks[i].largest);
    for (size_t i = 0; i < counts->n_origins; i++)
        counts->origins[i].key =
            provenance_format_key(provenance, counts->origins[i].row);
    return counts;
}

void
provenance_note_outside(Provenance *provenance, ProvenanceCounts *counts, int relation,
                        const RowId *ids, size_t n)
{
    ProvenanceStep step;
    ProvenanceRow from;

    if (provenance->memory == NULL)
    {
        staging_provenance_note_outside(provenance->sample, provenance->order, counts,
                                        relation, ids, n);
        return;
    }
    for (size_t i = 0; i < n; i++)
    {
        const ProvenanceRow row = {.relation = relation, .id = ids[i]};

        if (provenance_memory_find(provenance->memory, row, &step, &from) && step.fk >= 0)
            provenance_counts_find(counts, step.fk, step.is_down)->n_outside++;
    }
}
