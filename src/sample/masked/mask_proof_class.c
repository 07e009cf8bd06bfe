/*
 * Of a class: its mask is a function, and where it must be, an injective one. Pairs of a
 * raw value and its mask are noted as hashes. In the end all pairs of a raw value must
 * have the same mask, and then, turned around, different raw values different ones. That
 * alone would hold for values that are not masked at all, so most must have changed,
 * unless the mask can keep them. A permutation of few values has fixed points, but hardly
 * one where it has 16 values: of these more than half stay in one of 300,000 cases.
 */
#include "sample/masked/mask_proof_internal.h"

#include <stdlib.h>

#include "base/mem.h"
#include "mask/mask_ascii.h"
#include "sample/masked/mask_row.h"

struct MaskClassProof
{
    MaskProofContext *context;
    const MaskClass *class;
    bool is_compared; /* a mask depends on more than the value otherwise */
    bool must_change; /* most of the values */
    uint64_t n_signs; /* values without letters and digits that are their own masks */
    MaskPairs *pairs;
    MaskPairs
        *turned; /* masks and their raw values; NULL: the class need not be unique */
    uint64_t n_distinct;
    uint64_t n_unchanged; /* of these, are their own masks */
};

enum
{
    MIN_DISTINCT = 16 /* of so many values, not most are their own masks by chance */
};

/* Of several columns, or of a key, equality matters, whatever the mask. */
static bool
compares_class(const MaskClass *class)
{
    return class->n_columns > 1 || class->is_unique ||
           mask_row_is_function(class->columns[0]);
}

/* Of json no mask is that of the column. */
static bool
changes_class(const MaskClass *class)
{
    for (int i = 0; i < class->n_columns; i++)
    {
        const MaskColumn *column = class->columns[i];

        if (column->spec == NULL || mask_spec_keeps_some(column->spec, &column->target))
            return false;
    }
    return true;
}

MaskClassProof *
mask_proof_class_new(MaskProofContext *context, const MaskClass *class)
{
    MaskClassProof *proof = mem_alloc_zero(1, sizeof(*proof));

    proof->context = context;
    proof->class = class;
    proof->is_compared = compares_class(class);
    proof->must_change = changes_class(class);
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

/* Or digits; of other scripts all bytes are letters. */
static bool
has_letters(MaskValue value)
{
    for (size_t i = 0; i < value.length; i++)
    {
        if (mask_ascii_is_alnum(value.text[i]) || (unsigned char)value.text[i] >= 0x80)
            return true;
    }
    return false;
}

void
mask_proof_class_add(MaskClassProof *proof, MaskBatch *batch, const MaskColumn *column)
{
    const MaskValue *values = mask_batch_get_values(batch, MASK_RAW, column->column);
    const MaskTuple *raw;
    const MaskTuple *masked;

    if (!proof->is_compared && !proof->must_change)
        return;
    raw = mask_tuple_make(batch, MASK_RAW, &column->column, 1);
    masked = mask_tuple_make(batch, MASK_MASKED, &column->column, 1);
    for (size_t i = 0; i < batch->n_rows; i++)
    {
        if (raw[i].n_null != 0)
            continue;
        mask_pairs_add(proof->pairs, raw[i].hash, masked[i].hash);
        if (raw[i].hash == masked[i].hash && !has_letters(values[i]))
            proof->n_signs++;
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
        if (proof->is_compared && pair->value != first->value)
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

/* Values of signs alone have nothing to change. */
static bool
are_most_unchanged(const MaskClassProof *proof)
{
    return proof->n_distinct >= MIN_DISTINCT && proof->n_unchanged > proof->n_signs &&
           proof->n_unchanged - proof->n_signs > proof->n_distinct / 2;
}

void
mask_proof_class_finish(MaskClassProof *proof)
{
    mask_pairs_group(proof->pairs, check_equal_masks, proof);
    if (proof->must_change && are_most_unchanged(proof))
        die_of_class(proof, "masks have changed less than half of the");
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
    return (MaskCounts){.n_distinct = proof->is_compared ? proof->n_distinct : 0,
                        .is_function = proof->is_compared,
                        .is_unique = proof->is_compared && proof->class->is_unique};
}
