/* What the files of mask_proof.h share. */
#ifndef SAMPLE_MASKED_MASK_PROOF_INTERNAL_H
#define SAMPLE_MASKED_MASK_PROOF_INTERNAL_H

#include "sample/masked/mask_failure.h"
#include "sample/masked/mask_pairs.h"
#include "sample/masked/mask_proof.h"
#include "sample/masked/mask_tuple.h"

/* What all proofs of a run use. */
typedef struct MaskProofContext
{
    const MaskPlan *plan;
    const Sample *sample;
    const Proof *proof; /* of the sample */
    MaskPairPool *pool;
    MaskTuple tuples[MASK_BATCH_ROWS]; /* scratch, by row of a batch */
    size_t rows[MASK_BATCH_ROWS];
} MaskProofContext;

/* ---- mask_proof_class.c */

typedef struct MaskClassProof MaskClassProof;

MaskClassProof *mask_proof_class_new(MaskProofContext *context, const MaskClass *class);
void mask_proof_class_free(MaskClassProof *proof);
void mask_proof_class_add(MaskClassProof *proof, MaskBatch *batch,
                          const MaskColumn *column);
void mask_proof_class_finish(MaskClassProof *proof);
MaskCounts mask_proof_class_count(const MaskClassProof *proof);

/* ---- mask_proof_keys.c */

typedef struct MaskKeyProof MaskKeyProof;

MaskKeyProof *mask_proof_keys_new(MaskProofContext *context);
void mask_proof_keys_free(MaskKeyProof *proof);
bool mask_proof_keys_need(const MaskKeyProof *proof, int relation);
void mask_proof_keys_add(MaskKeyProof *proof, MaskBatch *batch);
void mask_proof_keys_finish(MaskKeyProof *proof);
void mask_proof_keys_count(const MaskKeyProof *proof, int *n_keys,
                           uint64_t *n_references);

/* ---- mask_proof_unique.c */

typedef struct MaskUniqueProof MaskUniqueProof;

MaskUniqueProof *mask_proof_unique_new(MaskProofContext *context,
                                       const MaskUniqueIndex *index);
void mask_proof_unique_free(MaskUniqueProof *proof);
void mask_proof_unique_add(MaskUniqueProof *proof, MaskBatch *batch);
void mask_proof_unique_finish(MaskUniqueProof *proof);

/* ---- mask_proof_values.c */

/* Checks the masked values of a column. */
void mask_proof_values_check(MaskBatch *batch, const MaskColumn *column);
/* Checks that all fields without a mask are as they were, and so are in their places. */
void mask_proof_values_check_others(const MaskBatch *batch, MaskColumn *const *masks);

#endif
