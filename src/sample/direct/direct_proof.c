/*
 * The proof (proof.h) in direct mode: each row is read again from the row store, and its
 * foreign keys are looked up in the key sets, which hold the keys of all rows that were
 * collected. Where the server compares keys, the row has the ids of the rows that it
 * refers to, and these are looked up in the row store. One pass over the rows.
 */
#include "sample/proof.h"

#include <stdlib.h>

#include "base/mem.h"
#include "sample/direct/collect.h"
#include "sample/direct/set_null.h"
#include "sample/fetch.h"

typedef struct DirectProving
{
    Proving base;
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

static void
prove_reference(DirectProving *proving, const RowLayout *layout, int outgoing, int leaf)
{
    Sample *sample = proving->base.sample;
    int position = sample->graph->outgoing[layout->position].items[outgoing];
    const GraphKey *fk = &sample->graph->fks[position];
    const ForeignKey *key = fk->foreign_key;
    ProvenKey *proven = proof_get_key(&proving->base, key);
    const CopyField *referenced_ids = NULL;
    KeyValue value = {.text = ""};
    KeyState state = rowline_get_reference(layout, sample->fields, leaf, fk,
                                           &sample->key_buffer, &value);
    CollectState found;

    if (state == KEY_NOTHING)
        return;
    proven->n_references++;
    proving->base.proof->n_references++;
    if (state == KEY_PARTIAL)
    {
        /* MATCH FULL forbids it, so there is nothing to look for */
        proven->n_dangling++;
        proof_note_partial(proven);
        return;
    }
    if (fk->referenced_key < 0)
        referenced_ids = &sample->fields[layout->field_of_key[outgoing]];
    found = collect_find_referenced(sample, fk, referenced_ids, &value);
    if (found == COLLECT_LACKS && !sample->plan->tables[key->referenced].is_data_excluded)
        proof_die_inconsistent(sample, key, value.text, value.length);
    if (found != COLLECT_HAS)
        note_missing(proving, position, value.text, value.length);
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

static void
prove_relation(DirectProving *proving, int relation)
{
    Sample *sample = proving->base.sample;
    const RowLayout *layout = &sample->layouts[relation];
    const IntList *outgoing = &sample->graph->outgoing[relation];
    const IntList *ignored = &sample->graph->ignored_of[relation];
    const RowStore *rows = sample->tables[relation].rows;

    if (outgoing->n_items == 0 && ignored->n_items == 0)
        return;
    for (size_t i = 0; i < rowstore_count(rows); i++)
    {
        size_t length;
        const char *line = rowstore_get(rows, i, &length);
        RowId id;

        rowline_split(layout, line, length, sample->fields);
        id = rowline_get_row_id(layout, sample->fields);
        for (int j = 0; j < outgoing->n_items; j++)
            prove_reference(proving, layout, j, rowid_leaf(id));
        for (int j = 0; j < ignored->n_items; j++)
            count_ignored_of_row(proving, layout, j, id);
    }
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

void
direct_proof_run(Proof *proof, Sample *sample, Session *session)
{
    const Catalog *catalog = sample->plan->catalog;
    size_t n_fks = (size_t)sample->graph->n_fks;
    DirectProving proving = {.base = proof_begin(proof, sample, session)};

    proving.dangling = mem_alloc_zero(n_fks, sizeof(KeySet *));
    for (int i = 0; i < catalog->n_relations; i++)
        prove_relation(&proving, i);
    for (size_t i = 0; i < n_fks; i++)
    {
        if (proving.dangling[i] != NULL)
            check_dangling(&proving, (int)i);
        keyset_free(proving.dangling[i]);
    }
    free(proving.dangling);
    proof_report(proof, catalog, session);
}
