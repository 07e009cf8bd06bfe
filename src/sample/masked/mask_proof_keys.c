/*
 * The foreign keys with a masked column once more, over the masked rows. The keys of
 * referenced rows and those of referencing rows are noted together, and joined in the
 * end: so the order of relations does not matter. As many references as in the proof of
 * the sample must be there, and as many of them must find no row.
 *
 * Columns whose equality only the server knows, and periods, are not compared: they have
 * no mask, so that the proof of the sample holds for them.
 */
#include "sample/masked/mask_proof_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "sample/masked/mask_canonical.h"

/* The columns of one side of a foreign key. */
typedef struct KeyColumns
{
    int *compared;
    int n_compared;
    int *others; /* are only looked at for NULL */
    int n_others;
} KeyColumns;

typedef struct MaskedKey
{
    int relation;
    int first_leaf;
    int n_leaves;
    KeyColumns columns;
    MaskPairs *pairs; /* value 0: a row; else the number of a reference plus 1 */
} MaskedKey;

typedef struct MaskedReference
{
    const GraphKey *fk;
    bool is_ignored;
    int key;
    KeyColumns columns;
    uint64_t n_references;
    uint64_t n_partial; /* that MATCH FULL forbids */
    uint64_t n_missing; /* that find no row */
} MaskedReference;

struct MaskKeyProof
{
    MaskProofContext *context;
    MaskedKey *keys;
    int n_keys;
    MaskedReference *references;
    int n_references;
};

/* ---- which keys */

static bool
has_mask(const MaskPlan *plan, int relation, const int *columns, int n)
{
    for (int i = 0; plan->column_of[relation] != NULL && i < n; i++)
    {
        if (plan->column_of[relation][columns[i]] != NULL)
            return true;
    }
    return false;
}

static bool
is_proved(const MaskPlan *plan, const ForeignKey *key)
{
    return has_mask(plan, key->referencing, key->referencing_columns, key->n_columns) ||
           has_mask(plan, key->referenced, key->referenced_columns, key->n_columns);
}

/* The form of a column; false: it has none. */
static bool
get_form(const MaskPlan *plan, int relation, int column, MaskCanonical *form)
{
    const MaskColumn *masked =
        plan->column_of[relation] != NULL ? plan->column_of[relation][column] : NULL;

    if (masked == NULL)
        return mask_canonical_choose(&plan->catalog->relations[relation].columns[column],
                                     form);
    *form = masked->canonical;
    return true;
}

/* Numbers of different types have equal texts once they are canonical. */
static bool
has_same_form(MaskCanonical a, MaskCanonical b)
{
    return a == b || ((a == MASK_CANONICAL_AS_IS || a == MASK_CANONICAL_NUMERIC) &&
                      (b == MASK_CANONICAL_AS_IS || b == MASK_CANONICAL_NUMERIC));
}

/*
 * Has an equal value of the other column the same text? Not a date and the same day as a
 * timestamp, for example.
 */
static bool
has_same_texts(const MaskPlan *plan, const ForeignKey *key, int i)
{
    const Relation *relations = plan->catalog->relations;
    const Column *a = &relations[key->referencing].columns[key->referencing_columns[i]];
    const Column *b = &relations[key->referenced].columns[key->referenced_columns[i]];

    return a->type == b->type ||
           (mask_canonical_is_integral(a->type) && mask_canonical_is_integral(b->type));
}

static bool
can_compare(const MaskPlan *plan, const ForeignKey *key, int i)
{
    int referencing = key->referencing_columns[i];
    int referenced = key->referenced_columns[i];
    MaskCanonical a;
    MaskCanonical b;

    if (has_mask(plan, key->referencing, &referencing, 1) ||
        has_mask(plan, key->referenced, &referenced, 1))
        return true;
    return i != key->period && get_form(plan, key->referencing, referencing, &a) &&
           get_form(plan, key->referenced, referenced, &b) && has_same_form(a, b) &&
           has_same_texts(plan, key, i);
}

static KeyColumns
choose_key_columns(const MaskPlan *plan, const ForeignKey *key, const int *columns)
{
    KeyColumns chosen = {0};
    Arena *arena = plan->catalog->arena;

    chosen.compared = ARENA_ARRAY(arena, key->n_columns, int);
    chosen.others = ARENA_ARRAY(arena, key->n_columns, int);
    for (int i = 0; i < key->n_columns; i++)
    {
        if (can_compare(plan, key, i))
            chosen.compared[chosen.n_compared++] = columns[i];
        else
            chosen.others[chosen.n_others++] = columns[i];
    }
    return chosen;
}

static bool
are_equal_columns(const int *a, int n_a, const int *b, int n_b)
{
    if (n_a != n_b)
        return false;
    for (int i = 0; i < n_a; i++)
    {
        if (a[i] != b[i])
            return false;
    }
    return true;
}

/* The key, which foreign keys with the same referenced columns share. */
static int
share_masked_key(MaskKeyProof *proof, const ForeignKey *key)
{
    const MaskPlan *plan = proof->context->plan;
    MaskedKey new = {.relation = key->referenced};

    catalog_get_leaf_range(plan->catalog, &plan->catalog->relations[key->referenced],
                           key->referenced_partition, &new.first_leaf, &new.n_leaves);
    new.columns = choose_key_columns(plan, key, key->referenced_columns);
    for (int i = 0; i < proof->n_keys; i++)
    {
        const MaskedKey *old = &proof->keys[i];

        if (old->relation == new.relation && old->first_leaf == new.first_leaf &&
            old->n_leaves == new.n_leaves &&are_equal_columns(old->columns.compared,
                                                              old->columns.n_compared,
                                                              new.columns.compared,
                                                              new.columns.n_compared) &&
            are_equal_columns(old->columns.others, old->columns.n_others,
                              new.columns.others, new.columns.n_others))
            return i;
    }
    new.pairs = mask_pairs_new(proof->context->pool);
    proof->keys[proof->n_keys] = new;
    return proof->n_keys++;
}

/* Of how many references the proof of the sample has found no row. */
static uint64_t
count_expected(const MaskKeyProof *proof, const MaskedReference *reference)
{
    const ProvenKey *proven =
        &proof->context->proof->keys[reference->fk->foreign_key->number];

    if (!reference->is_ignored)
        return proven->n_dangling + proven->n_skipped;
    return reference->fk->n_set_null > 0 ? 0 : proven->n_set_null;
}

static void
add_reference(MaskKeyProof *proof, const GraphKey *fk, bool is_ignored)
{
    const MaskPlan *plan = proof->context->plan;
    const ForeignKey *key = fk->foreign_key;
    MaskedReference *reference = &proof->references[proof->n_references];

    if (!is_proved(plan, key))
        return;
    *reference = (MaskedReference){.fk = fk, .is_ignored = is_ignored};
    reference->key = share_masked_key(proof, key);
    reference->columns = choose_key_columns(plan, key, key->referencing_columns);
    proof->n_references++;
}

MaskKeyProof *
mask_proof_keys_new(MaskProofContext *context)
{
    const FkGraph *graph = context->sample->graph;
    MaskKeyProof *proof = mem_alloc_zero(1, sizeof(*proof));
    size_t n = (size_t)graph->n_fks + (size_t)graph->n_ignored;

    proof->context = context;
    proof->keys = mem_alloc_zero(n, sizeof(*proof->keys));
    proof->references = mem_alloc_zero(n, sizeof(*proof->references));
    for (int i = 0; i < graph->n_fks; i++)
        add_reference(proof, &graph->fks[i], false);
    for (int i = 0; i < graph->n_ignored; i++)
        add_reference(proof, &graph->ignored[i], true);
    return proof;
}

void
mask_proof_keys_free(MaskKeyProof *proof)
{
    if (proof == NULL)
        return;
    for (int i = 0; i < proof->n_keys; i++)
        mask_pairs_free(proof->keys[i].pairs);
    free(proof->keys);
    free(proof->references);
    free(proof);
}

bool
mask_proof_keys_need(const MaskKeyProof *proof, int relation)
{
    for (int i = 0; i < proof->n_references; i++)
    {
        const ForeignKey *key = proof->references[i].fk->foreign_key;

        if (key->referencing == relation || key->referenced == relation)
            return true;
    }
    return false;
}

/* ---- rows */

/* The tuples of compared columns; NULLs of the others count as well. */
static const MaskTuple *
make_key_tuples(MaskKeyProof *proof, MaskBatch *batch, const KeyColumns *columns)
{
    const MaskTuple *compared =
        mask_tuple_make(batch, MASK_MASKED, columns->compared, columns->n_compared);
    MaskTuple *tuples = proof->context->tuples;

    if (columns->n_others == 0)
        return compared;
    memcpy(tuples, compared, batch->n_rows * sizeof(*tuples));
    for (int i = 0; i < columns->n_others; i++)
    {
        for (size_t row = 0; row < batch->n_rows; row++)
            tuples[row].n_null +=
                mask_batch_get_field(batch, MASK_MASKED, row, columns->others[i])->is_null
                    ? 1
                    : 0;
    }
    return tuples;
}

static bool
is_in_leaves(const MaskBatch *batch, size_t row, int first_leaf, int n_leaves)
{
    return batch->leaves[row] >= first_leaf && batch->leaves[row] < first_leaf + n_leaves;
}

static void
add_keys(MaskKeyProof *proof, MaskBatch *batch, const MaskedKey *key)
{
    const MaskTuple *tuples = make_key_tuples(proof, batch, &key->columns);

    for (size_t i = 0; i < batch->n_rows; i++)
    {
        if (tuples[i].n_null == 0 &&
            is_in_leaves(batch, i, key->first_leaf, key->n_leaves))
            mask_pairs_add(key->pairs, tuples[i].hash, 0);
    }
}

static void
add_references(MaskKeyProof *proof, MaskBatch *batch, int number)
{
    MaskedReference *reference = &proof->references[number];
    const ForeignKey *key = reference->fk->foreign_key;
    const MaskTuple *tuples = make_key_tuples(proof, batch, &reference->columns);

    for (size_t i = 0; i < batch->n_rows; i++)
    {
        if (!is_in_leaves(batch, i, reference->fk->first_leaf, reference->fk->n_leaves))
            continue;
        if (tuples[i].n_null == 0)
        {
            reference->n_references++;
            mask_pairs_add(proof->keys[reference->key].pairs, tuples[i].hash,
                           (uint64_t)number + 1);
        }
        else if (tuples[i].n_null < key->n_columns && key->is_match_full)
            reference->n_partial++;
    }
}

void
mask_proof_keys_add(MaskKeyProof *proof, MaskBatch *batch)
{
    int relation = batch->layout->position;

    for (int i = 0; i < proof->n_keys; i++)
    {
        if (proof->keys[i].relation == relation)
            add_keys(proof, batch, &proof->keys[i]);
    }
    for (int i = 0; i < proof->n_references; i++)
    {
        if (proof->references[i].fk->foreign_key->referencing == relation)
            add_references(proof, batch, i);
    }
}

/* ---- the end */

static _Noreturn void
die_of_key(const MaskKeyProof *proof, const MaskedReference *reference,
           const char *problem)
{
    const Catalog *catalog = proof->context->plan->catalog;
    const ForeignKey *key = reference->fk->foreign_key;
    PQExpBufferData detail;

    initPQExpBuffer(&detail);
    for (int i = 0; i < key->n_columns; i++)
    {
        const Relation *referencing = &catalog->relations[key->referencing];
        const Relation *referenced = &catalog->relations[key->referenced];

        appendPQExpBuffer(&detail, "%s%s.%s refers to %s.%s", i > 0 ? ", " : "",
                          referencing->qname,
                          referencing->columns[key->referencing_columns[i]].qname,
                          referenced->qname,
                          referenced->columns[key->referenced_columns[i]].qname);
    }
    appendPQExpBufferStr(&detail, ".");
    mask_failure_die(detail.data, "%s foreign key %s of table %s", problem, key->qname,
                     key->referencing_qname);
}

static void
count_missing_row(void *context, const MaskPair *reference, const MaskPair *row)
{
    MaskKeyProof *proof = context;

    if (row == NULL)
        proof->references[reference->value - 1].n_missing++;
}

/* A reference by an ignored key is gone where one of its columns became NULL. */
static void
check_masked_reference(const MaskKeyProof *proof, const MaskedReference *reference)
{
    const ProvenKey *proven =
        &proof->context->proof->keys[reference->fk->foreign_key->number];
    uint64_t n_missing = reference->n_missing;
    uint64_t n_expected = count_expected(proof, reference);

    if (!reference->is_ignored)
    {
        n_missing += reference->n_partial;
        if (reference->n_references + reference->n_partial != proven->n_references)
            die_of_key(proof, reference,
                       "masked rows have another number of references by");
    }
    if (n_missing > n_expected || (!reference->is_ignored && n_missing < n_expected &&
                                   reference->columns.n_others == 0))
        die_of_key(proof, reference, "masked rows do not satisfy");
}

void
mask_proof_keys_finish(MaskKeyProof *proof)
{
    for (int i = 0; i < proof->n_keys; i++)
    {
        mask_pairs_join(proof->keys[i].pairs, count_missing_row, proof);
        mask_pairs_free(proof->keys[i].pairs);
        proof->keys[i].pairs = NULL;
    }
    for (int i = 0; i < proof->n_references; i++)
        check_masked_reference(proof, &proof->references[i]);
}

void
mask_proof_keys_count(const MaskKeyProof *proof, int *n_keys, uint64_t *n_references)
{
    *n_keys = proof->n_references;
    *n_references = 0;
    for (int i = 0; i < proof->n_references; i++)
        *n_references += proof->references[i].n_references;
}
