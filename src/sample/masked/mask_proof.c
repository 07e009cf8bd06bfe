#include "sample/masked/mask_proof_internal.h"

#include <stdlib.h>

#include "base/mem.h"

struct MaskProof
{
    MaskProofContext context;
    MaskClassProof **classes; /* by number */
    MaskUniqueProof **indexes;
    MaskKeyProof *keys;
    uint64_t *n_values; /* by column of the plan */
};

MaskProof *
mask_proof_new(const MaskPlan *plan, const Sample *sample, const Proof *sampled)
{
    MaskProof *proof = mem_alloc_zero(1, sizeof(*proof));

    proof->context.plan = plan;
    proof->context.sample = sample;
    proof->context.proof = sampled;
    proof->context.pool = mask_pairs_new_pool();
    proof->classes = mem_alloc_zero((size_t)plan->n_classes, sizeof(MaskClassProof *));
    proof->indexes = mem_alloc_zero((size_t)plan->n_indexes, sizeof(MaskUniqueProof *));
    proof->n_values = mem_alloc_zero((size_t)plan->n_columns, sizeof(uint64_t));
    for (int i = 0; i < plan->n_classes; i++)
        proof->classes[i] = mask_proof_class_new(&proof->context, &plan->classes[i]);
    for (int i = 0; i < plan->n_indexes; i++)
        proof->indexes[i] = mask_proof_unique_new(&proof->context, &plan->indexes[i]);
    proof->keys = mask_proof_keys_new(&proof->context);
    return proof;
}

void
mask_proof_free(MaskProof *proof)
{
    if (proof == NULL)
        return;
    for (int i = 0; i < proof->context.plan->n_classes; i++)
        mask_proof_class_free(proof->classes[i]);
    for (int i = 0; i < proof->context.plan->n_indexes; i++)
        mask_proof_unique_free(proof->indexes[i]);
    mask_proof_keys_free(proof->keys);
    mask_pairs_free_pool(proof->context.pool);
    free(proof->classes);
    free(proof->indexes);
    free(proof->n_values);
    free(proof);
}

bool
mask_proof_needs(const MaskProof *proof, int relation)
{
    return mask_proof_keys_need(proof->keys, relation);
}

static void
prove_column(MaskProof *proof, MaskBatch *batch, const MaskColumn *column)
{
    const MaskValue *raw = mask_batch_get_values(batch, MASK_RAW, column->column);

    for (size_t i = 0; i < batch->n_rows; i++)
        proof->n_values[column->number] += raw[i].text != NULL ? 1 : 0;
    mask_proof_values_check(batch, column);
    mask_proof_class_add(proof->classes[column->class_number], batch, column);
}

void
mask_proof_add(MaskProof *proof, MaskBatch *batch)
{
    const MaskPlan *plan = proof->context.plan;
    int relation = batch->layout->position;

    if (plan->column_of[relation] != NULL)
        mask_proof_values_check_others(batch, plan->column_of[relation]);
    for (int i = 0; plan->column_of[relation] != NULL &&
                    i < plan->catalog->relations[relation].n_columns;
         i++)
    {
        if (plan->column_of[relation][i] != NULL)
            prove_column(proof, batch, plan->column_of[relation][i]);
    }
    for (int i = 0; i < plan->n_indexes; i++)
    {
        if (plan->indexes[i].relation == relation)
            mask_proof_unique_add(proof->indexes[i], batch);
    }
    mask_proof_keys_add(proof->keys, batch);
}

void
mask_proof_finish(MaskProof *proof)
{
    for (int i = 0; i < proof->context.plan->n_classes; i++)
        mask_proof_class_finish(proof->classes[i]);
    mask_proof_keys_finish(proof->keys);
    for (int i = 0; i < proof->context.plan->n_indexes; i++)
        mask_proof_unique_finish(proof->indexes[i]);
}

MaskCounts
mask_proof_count(const MaskProof *proof, const MaskColumn *column)
{
    MaskCounts counts = mask_proof_class_count(proof->classes[column->class_number]);

    counts.n_values = proof->n_values[column->number];
    return counts;
}

void
mask_proof_count_keys(const MaskProof *proof, int *n_keys, uint64_t *n_references)
{
    mask_proof_keys_count(proof->keys, n_keys, n_references);
}
