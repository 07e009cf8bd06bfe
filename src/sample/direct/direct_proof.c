/*
 * The proof (proof.h) in direct mode, from nothing but the rows, the graph and the places
 * of columns. proof_marks.h reads each row again and marks its own keys, and those that
 * it refers to. A key that has only the latter mark is of no row of the sample. Then, and
 * only then, the rows that refer to keys of its set are read once more, to count them and
 * to ask the source.
 *
 * What the closure believes (KEY_HAVE, KEY_WANTED) is not looked at. So a row that it did
 * not fetch, a foreign key that it did not follow, or a key that it took for present are
 * found alike. Where the server compares keys, a row has the ids of the rows that it
 * refers to instead, and these are looked up in the row store.
 */
#include "sample/proof.h"

#include <stdlib.h>

#include "base/mem.h"
#include "sample/direct/collect.h"
#include "sample/direct/proof_marks.h"
#include "sample/direct/set_null.h"
#include "sample/fetch.h"

typedef struct DirectProving
{
    Proving base;
    bool *is_lacking; /* by referenced key: a key has no row */
    KeySet *
        *dangling; /* by foreign key of the graph: keys that no row of the sample has */
} DirectProving;

/* A reference to a row that the sample does not have. */
static void
note_missing(DirectProving *proving, int position, const char *value, size_t length)
{
    const GraphKey *fk = &proving->base.sample->graph->fks[position];
    const ForeignKey *key = fk->foreign_key;
    ProvenKey *proven = proof_get_key(&proving->base, key);

    if (proving->base.sample->plan->tables[key->referenced].is_skipped)
    {
        proven->n_skipped++;
        return;
    }
    if (proving->base.sample->plan->tables[key->referenced].is_data_excluded)
        proof_die_excluded(proving->base.sample, key, value, length);
    if (proven->n_dangling++ == 0)
        proven->example = mem_format("%.*s", (int)length, value);
    if (fk->referenced_key < 0)
        return;
    if (proving->dangling[position] == NULL)
        proving->dangling[position] = keyset_new();
    keyset_add(proving->dangling[position], value, length, KEY_WANTED, NULL);
}

/* The server has found the rows that the row refers to, where they exist. */
static void
prove_referenced_ids(DirectProving *proving, const GraphKey *fk,
                     const CopyField *referenced_ids, const KeyValue *value)
{
    Sample *sample = proving->base.sample;
    const ForeignKey *key = fk->foreign_key;
    CollectState found = collect_find_referenced(sample, fk, referenced_ids, value);

    if (found == COLLECT_LACKS && !sample->plan->tables[key->referenced].is_data_excluded)
        proof_die_inconsistent(sample, key, value->text, value->length);
    if (found != COLLECT_HAS)
        note_missing(proving, fk->number, value->text, value->length);
}

/* Splits the i-th row of the relation into the fields of the sample. */
static RowId
read_row(Sample *sample, int relation, size_t i)
{
    const RowLayout *layout = &sample->layouts[relation];
    size_t length;
    const char *line = rowstore_get(sample->tables[relation].rows, i, &length);

    rowline_split(layout, line, length, sample->fields);
    return rowline_get_row_id(layout, sample->fields);
}

static bool
lacks_rows(const KeySet *keys)
{
    for (size_t i = 0; i < keyset_count(keys); i++)
    {
        unsigned flags = keyset_get_flags(keys, i);

        if ((flags & KEY_PROVEN_WANTED) != 0 && (flags & KEY_PROVEN_HAVE) == 0)
            return true;
    }
    return false;
}

/* Of a row that was just read, a reference that is not proved by marks. */
static void
check_unmarked(DirectProving *proving, const RowLayout *layout, int outgoing, int leaf)
{
    Sample *sample = proving->base.sample;
    const GraphKey *fk =
        &sample->graph->fks[sample->graph->outgoing[layout->position].items[outgoing]];
    KeyValue value = {.text = ""};

    if (rowline_get_reference(layout, sample->fields, leaf, fk, &sample->key_buffer,
                              &value) != KEY_COMPLETE)
        return;
    if (fk->referenced_key < 0)
        prove_referenced_ids(proving, fk, &sample->fields[layout->field_of_key[outgoing]],
                             &value);
    else if (!collect_has_key(sample->keys[fk->referenced_key].keys, value.text,
                              value.length))
        note_missing(proving, fk->number, value.text, value.length);
}

static void
count_ignored_of_row(DirectProving *proving, const RowLayout *layout, int position,
                     RowId id)
{
    Sample *sample = proving->base.sample;
    const GraphKey *ignored =
        graph_get_ignored(sample->graph, layout->position, position);
    ProvenKey *proven = proof_get_key(&proving->base, ignored->foreign_key);
    SetNullState state = set_null_find(sample, layout, id, position);

    proven->n_references += state != SET_NULL_NO_REFERENCE ? 1 : 0;
    proven->n_set_null += state == SET_NULL_MISSING ? 1 : 0;
}

/*
 * What marks do not tell, for few relations: how many references have no row, those that
 * the server finds, and ignored keys.
 */
static void
count_relation(DirectProving *proving, int relation)
{
    Sample *sample = proving->base.sample;
    const RowLayout *layout = &sample->layouts[relation];
    const IntList *outgoing = &sample->graph->outgoing[relation];
    const IntList *ignored = &sample->graph->ignored_of[relation];
    size_t n = rowstore_count(sample->tables[relation].rows);
    IntList checked = {.items = mem_alloc((size_t)outgoing->n_items * sizeof(int) + 1)};

    for (int i = 0; i < outgoing->n_items; i++)
    {
        int key = sample->graph->fks[outgoing->items[i]].referenced_key;

        if (key < 0 || proving->is_lacking[key])
            checked.items[checked.n_items++] = i;
    }
    if (checked.n_items == 0 && ignored->n_items == 0)
        n = 0;
    for (size_t i = 0; i < n; i++)
    {
        RowId id = read_row(sample, relation, i);

        for (int j = 0; j < checked.n_items; j++)
            check_unmarked(proving, layout, checked.items[j], rowid_leaf(id));
        for (int j = 0; j < ignored->n_items; j++)
            count_ignored_of_row(proving, layout, j, id);
    }
    free(checked.items);
}

static void
check_dangling(DirectProving *proving, int position)
{
    const KeySet *keys = proving->dangling[position];
    size_t n = keyset_count(keys);

    for (size_t i = 0; i < n; i += FETCH_MAX_KEYS)
    {
        const KeyBatch batch = {.set = keys,
                                .first = i,
                                .n = n - i < FETCH_MAX_KEYS ? n - i : FETCH_MAX_KEYS};

        proof_check_absent(&proving->base, &proving->base.sample->graph->fks[position],
                           &batch);
    }
}

/* What proof_marks.h counts of each foreign key. */
static void
take_counts(DirectProving *proving)
{
    const Sample *sample = proving->base.sample;

    for (int i = 0; i < sample->graph->n_fks; i++)
    {
        const ForeignKey *key = sample->graph->fks[i].foreign_key;
        ProvenKey *proven = proof_get_key(&proving->base, key);

        proven->n_references = proof_marks_count_references(sample, key);
        proving->base.proof->n_references += proven->n_references;
        proven->n_dangling = proof_marks_count_partial(sample, key);
        if (proven->n_dangling > 0)
            proof_note_partial(proven);
    }
}

static void
mark_all_rows(DirectProving *proving)
{
    Sample *sample = proving->base.sample;

    proof_marks_finish(sample);
    take_counts(proving);
    for (int i = 0; i < sample->graph->n_referenced_keys; i++)
        proving->is_lacking[i] = lacks_rows(sample->keys[i].keys);
}

void
direct_proof_run(Proof *proof, Sample *sample, Session *session)
{
    const Catalog *catalog = sample->plan->catalog;
    size_t n_fks = (size_t)sample->graph->n_fks;
    DirectProving proving = {.base = proof_begin(proof, sample, session)};

    proving.dangling = mem_alloc_zero(n_fks, sizeof(KeySet *));
    proving.is_lacking = mem_alloc_zero((size_t)sample->graph->n_referenced_keys, 1);
    mark_all_rows(&proving);
    for (int i = 0; i < catalog->n_relations; i++)
        count_relation(&proving, i);
    for (size_t i = 0; i < n_fks; i++)
    {
        if (proving.dangling[i] != NULL)
            check_dangling(&proving, (int)i);
        keyset_free(proving.dangling[i]);
    }
    free(proving.dangling);
    free(proving.is_lacking);
    proof_report(proof, sample->plan, session);
}
