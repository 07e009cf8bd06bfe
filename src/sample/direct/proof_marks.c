#include "sample/direct/proof_marks.h"

#include <stdlib.h>

#include "base/mem.h"
#include "sample/rowline.h"

typedef struct KeyCounts
{
    size_t n_references;
    size_t n_partial;
} KeyCounts;

struct ProofMarks
{
    size_t n_all;      /* rows that are marked */
    size_t *n_marked;  /* the first ones of each relation's row store */
    int relation;      /* where it goes on */
    KeyCounts *counts; /* by foreign key of the catalog */
    KeyQueue *queue;   /* keys that get flags: the number is the flag */
    CopyField *fields;
    PQExpBufferData key_buffer;
};

static void
mark_key(void *context, const QueuedKey *queued, const char *key)
{
    (void)context;
    keyset_add_hashed(queued->set, queued->hash, key, queued->length,
                      (unsigned)queued->number, NULL);
}

static ProofMarks *
make_marks(const Sample *sample)
{
    const Catalog *catalog = sample->plan->catalog;
    ProofMarks *marks = mem_alloc_zero(1, sizeof(*marks));
    size_t n_relations = (size_t)catalog->n_relations;
    int n_fields = 0;

    for (size_t i = 0; i < n_relations; i++)
    {
        if (sample->layouts[i].n_fields > n_fields)
            n_fields = sample->layouts[i].n_fields;
    }
    marks->n_marked = mem_alloc_zero(n_relations, sizeof(*marks->n_marked));
    marks->counts =
        mem_alloc_zero((size_t)catalog->n_foreign_keys, sizeof(*marks->counts));
    marks->queue = keyqueue_new(mark_key, NULL);
    marks->fields = mem_alloc_zero((size_t)n_fields, sizeof(*marks->fields));
    initPQExpBuffer(&marks->key_buffer);
    return marks;
}

void
proof_marks_free(ProofMarks *marks)
{
    if (marks == NULL)
        return;
    keyqueue_free(marks->queue);
    termPQExpBuffer(&marks->key_buffer);
    free(marks->n_marked);
    free(marks->counts);
    free(marks->fields);
    free(marks);
}

static void
mark_own_keys(const Sample *sample, const RowLayout *layout, int leaf)
{
    const IntList *keys = &sample->graph->keys_of[layout->position];
    ProofMarks *marks = sample->marks;
    KeyValue value;

    for (int i = 0; i < keys->n_items; i++)
    {
        if (rowline_get_referenced_key(layout, marks->fields, leaf,
                                       &sample->graph->referenced_keys[keys->items[i]],
                                       &marks->key_buffer, &value))
            keyqueue_push(marks->queue, sample->keys[keys->items[i]].keys,
                          KEY_PROVEN_HAVE, value.text, value.length);
    }
}

/* Where the server compares keys, the proof looks for the row when all rows are there. */
static void
mark_reference(const Sample *sample, const RowLayout *layout, const GraphKey *fk,
               int leaf)
{
    ProofMarks *marks = sample->marks;
    KeyCounts *counts = &marks->counts[fk->foreign_key->number];
    KeyValue value;
    KeyState state = rowline_get_reference(layout, marks->fields, leaf, fk,
                                           &marks->key_buffer, &value);

    if (state == KEY_NOTHING)
        return;
    counts->n_references++;
    if (state == KEY_PARTIAL)
        counts->n_partial++;
    else if (fk->referenced_key >= 0)
        keyqueue_push(marks->queue, sample->keys[fk->referenced_key].keys,
                      KEY_PROVEN_WANTED, value.text, value.length);
}

static void
mark_row(const Sample *sample, const RowLayout *layout, size_t i)
{
    const IntList *outgoing = &sample->graph->outgoing[layout->position];
    size_t length;
    const char *line = rowstore_get(sample->tables[layout->position].rows, i, &length);
    int leaf;

    rowline_split(layout, line, length, sample->marks->fields);
    leaf = rowid_leaf(rowline_get_row_id(layout, sample->marks->fields));
    mark_own_keys(sample, layout, leaf);
    for (int j = 0; j < outgoing->n_items; j++)
        mark_reference(sample, layout, &sample->graph->fks[outgoing->items[j]], leaf);
}

/* At most n rows of the relation; returns how many. */
static size_t
mark_rows(Sample *sample, int relation, size_t n)
{
    const RowLayout *layout = &sample->layouts[relation];
    size_t *first = &sample->marks->n_marked[relation];
    size_t n_left = rowstore_count(sample->tables[relation].rows) - *first;

    if (n > n_left)
        n = n_left;
    if (sample->graph->outgoing[relation].n_items > 0 ||
        sample->graph->keys_of[relation].n_items > 0)
    {
        for (size_t i = 0; i < n; i++)
            mark_row(sample, layout, *first + i);
    }
    *first += n;
    return n;
}

static ProofMarks *
get_marks(Sample *sample)
{
    if (sample->marks == NULL)
        sample->marks = make_marks(sample);
    return sample->marks;
}

bool
proof_marks_go_on(Sample *sample, size_t n)
{
    int n_relations = sample->plan->catalog->n_relations;
    ProofMarks *marks = get_marks(sample);

    while (marks->n_all < sample->n_stored)
    {
        size_t n_marked = mark_rows(sample, marks->relation, n);

        marks->n_all += n_marked;
        n -= n_marked;
        if (n == 0)
            return true;
        marks->relation = (marks->relation + 1) % n_relations;
    }
    keyqueue_flush(marks->queue);
    return false;
}

void
proof_marks_finish(Sample *sample)
{
    ProofMarks *marks = get_marks(sample);

    for (int i = 0; i < sample->plan->catalog->n_relations; i++)
        marks->n_all += mark_rows(sample, i, SIZE_MAX);
    keyqueue_flush(marks->queue);
}

size_t
proof_marks_count_references(const Sample *sample, const ForeignKey *key)
{
    return sample->marks->counts[key->number].n_references;
}

size_t
proof_marks_count_partial(const Sample *sample, const ForeignKey *key)
{
    return sample->marks->counts[key->number].n_partial;
}
