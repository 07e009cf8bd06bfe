/*
 * Of a unique index: no two masked rows have the same key. Where it has expressions, a
 * predicate or generated columns, the server says for each batch what the keys are and
 * which rows have one; else they are the canonical values of its columns.
 */
#include "sample/masked/mask_proof_internal.h"

#include <stdlib.h>

#include "base/mem.h"
#include "sample/masked/mask_checks.h"

struct MaskUniqueProof
{
    MaskProofContext *context;
    const MaskUniqueIndex *index;
    MaskPairs *keys;
};

MaskUniqueProof *
mask_proof_unique_new(MaskProofContext *context, const MaskUniqueIndex *index)
{
    MaskUniqueProof *proof = mem_alloc_zero(1, sizeof(*proof));

    proof->context = context;
    proof->index = index;
    proof->keys = mask_pairs_new(context->pool);
    return proof;
}

void
mask_proof_unique_free(MaskUniqueProof *proof)
{
    if (proof == NULL)
        return;
    mask_pairs_free(proof->keys);
    free(proof);
}

/* Rows in the leaves of the index. */
static size_t
list_rows(const MaskUniqueProof *proof, const MaskBatch *batch, size_t *rows)
{
    const MaskUniqueIndex *index = proof->index;
    size_t n = 0;

    for (size_t i = 0; i < batch->n_rows; i++)
    {
        if (batch->leaves[i] >= index->first_leaf &&
            batch->leaves[i] < index->first_leaf + index->n_leaves)
            rows[n++] = i;
    }
    return n;
}

/* Leaves those whose keys can be equal to others. */
static size_t
drop_null_keys(const MaskUniqueProof *proof, const MaskTuple *tuples, size_t *rows,
               size_t n)
{
    size_t n_kept = 0;

    for (size_t i = 0; i < n; i++)
    {
        if (proof->index->nulls_not_distinct || tuples[rows[i]].n_null == 0)
            rows[n_kept++] = rows[i];
    }
    return n_kept;
}

static size_t
compute_keys(MaskUniqueProof *proof, MaskBatch *batch, size_t *rows, size_t n)
{
    MaskProofContext *context = proof->context;
    PGresult *result;
    size_t n_kept = 0;

    if (n == 0)
        return 0;
    result = mask_checks_compute_keys(batch, proof->index, rows, n);
    for (size_t i = 0; i < n; i++)
    {
        int at = (int)i;

        if (PQgetisnull(result, at, 2) || PQgetvalue(result, at, 2)[0] != 't')
            continue;
        context->tuples[rows[i]] =
            (MaskTuple){.hash = mask_tuple_hash(&batch->seed, PQgetvalue(result, at, 0),
                                                (size_t)PQgetlength(result, at, 0)),
                        .n_null = PQgetvalue(result, at, 1)[0] != 't'};
        rows[n_kept++] = rows[i];
    }
    PQclear(result);
    return n_kept;
}

void
mask_proof_unique_add(MaskUniqueProof *proof, MaskBatch *batch)
{
    MaskProofContext *context = proof->context;
    const MaskUniqueIndex *index = proof->index;
    const MaskTuple *tuples = context->tuples;
    size_t n = list_rows(proof, batch, context->rows);

    if (index->columns == NULL)
        n = compute_keys(proof, batch, context->rows, n);
    else
        tuples = mask_tuple_make(batch, MASK_MASKED, index->columns, index->n_columns);
    n = drop_null_keys(proof, tuples, context->rows, n);
    for (size_t i = 0; i < n; i++)
        mask_pairs_add(proof->keys, tuples[context->rows[i]].hash, 0);
}

static void
check_new(void *context, const MaskPair *pair, const MaskPair *first)
{
    const MaskUniqueProof *proof = context;
    const Catalog *catalog = proof->context->plan->catalog;

    if (pair != first)
        mask_failure_die("Two masked rows have the same key.",
                         "masked rows do not satisfy unique index %s of table %s",
                         proof->index->qname,
                         catalog->relations[proof->index->relation].qname);
}

void
mask_proof_unique_finish(MaskUniqueProof *proof)
{
    mask_pairs_group(proof->keys, check_new, proof);
    mask_pairs_free(proof->keys);
    proof->keys = NULL;
}
