/*
 * Of a class: its mask is a function, and where it must be, an injective one. Pairs of a
 * raw value and its mask are noted as hashes. In the end all pairs of a raw value must
 * have the same mask, and then, turned around, different raw values different ones. That
 * alone would hold for values that are not masked at all: some must have changed.
 */
#include "sample/masked/mask_proof_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "mask/mask_kind.h"
#include "sample/masked/mask_row.h"

struct MaskClassProof
{
    MaskProofContext *context;
    const MaskClass *class;
    bool is_compared; /* a mask depends on more than the value otherwise */
    MaskPairs *pairs;
    MaskPairs
        *turned; /* masks and their raw values; NULL: the class need not be unique */
    uint64_t n_distinct;
    uint64_t n_unchanged; /* of these, are their own masks */
};

enum
{
    MIN_DISTINCT = 16 /* so many values are not all their own masks by chance */
};

/* Of several columns, or of a key, equality matters, whatever the mask. */
static bool
compares_class(const MaskClass *class)
{
    return class->n_columns > 1 || class->is_unique ||
           mask_row_is_function(class->columns[0]);
}

MaskClassProof *
mask_proof_class_new(MaskProofContext *context, const MaskClass *class)
{
    MaskClassProof *proof = mem_alloc_zero(1, sizeof(*proof));

    proof->context = context;
    proof->class = class;
    proof->is_compared = compares_class(class);
    proof->pairs = mask_pairs_new(context->pool);
    proof->turned = class->is_unique ? mask_pairs_new(context->pool) : NULL;
    return proof;
}

void
mask_proof_class_free(MaskClassProof *proof)
{
    if (proof == NULL)
        return;
    mask_pairs_free(proof->pairs);
    mask_pairs_free(proof->turned);
    free(proof);
}

void
mask_proof_class_add(MaskClassProof *proof, MaskBatch *batch, const MaskColumn *column)
{
    MaskProofContext *context = proof->context;
    const MaskTuple *raw;
    const MaskTuple *masked;

    if (!proof->is_compared)
        return;
    raw = mask_tuple_make(batch, MASK_RAW, &context->seed, &column->column, 1);
    masked = mask_tuple_make(batch, MASK_MASKED, &context->seed, &column->column, 1);
    for (size_t i = 0; i < batch->n_rows; i++)
    {
        if (raw[i].n_null == 0)
            mask_pairs_add(proof->pairs, raw[i].hash, masked[i].hash);
    }
}

/* ---- the end */

static _Noreturn void
die_of_class(const MaskClassProof *proof, const char *problem)
{
    const Catalog *catalog = proof->context->plan->catalog;
    PQExpBufferData columns;

    initPQExpBuffer(&columns);
    for (int i = 0; i < proof->class->n_columns; i++)
    {
        const MaskColumn *column = proof->class->columns[i];
        const Relation *relation = &catalog->relations[column->relation];

        appendPQExpBuffer(&columns, "%s%s.%s", i > 0 ? ", " : "", relation->qname,
                          relation->columns[column->column].qname);
    }
    mask_failure_die(NULL, "%s values of %s", problem, columns.data);
}

static void
check_equal_masks(void *context, const MaskPair *pair, const MaskPair *first)
{
    MaskClassProof *proof = context;

    if (pair != first)
    {
        if (pair->value != first->value)
            die_of_class(proof, "there are different masks for equal");
        return;
    }
    proof->n_distinct++;
    proof->n_unchanged += pair->key == pair->value ? 1 : 0;
    if (proof->turned != NULL)
        mask_pairs_add(proof->turned, pair->value, pair->key);
}

static void
check_injective(void *context, const MaskPair *pair, const MaskPair *first)
{
    if (pair != first)
        die_of_class(context, "there is one mask for different");
}

/* Others keep what a value does not have: digits, letters, paths. */
static bool
changes_most_values(const MaskColumn *column)
{
    static const char *const kinds[] = {"key",       "hash",   "name", "first_name",
                                        "last_name", "street", "city", "company"};

    for (size_t i = 0; column->spec != NULL && i < sizeof(kinds) / sizeof(kinds[0]); i++)
    {
        if (strcmp(column->spec->kind->name, kinds[i]) == 0)
            return true;
    }
    return false;
}

void
mask_proof_class_finish(MaskClassProof *proof)
{
    mask_pairs_group(proof->pairs, check_equal_masks, proof);
    if (proof->n_distinct >= MIN_DISTINCT && proof->n_unchanged == proof->n_distinct &&
        changes_most_values(proof->class->columns[0]))
        die_of_class(proof, "masks have changed none of the");
    mask_pairs_free(proof->pairs);
    proof->pairs = NULL;
    if (proof->turned != NULL)
        mask_pairs_group(proof->turned, check_injective, proof);
    mask_pairs_free(proof->turned);
    proof->turned = NULL;
}

MaskCounts
mask_proof_class_count(const MaskClassProof *proof)
{
    return (MaskCounts){.n_distinct = proof->n_distinct,
                        .is_function = proof->is_compared,
                        .is_unique = proof->is_compared && proof->class->is_unique};
}
