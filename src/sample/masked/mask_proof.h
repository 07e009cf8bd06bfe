/*
 * The proof of masks, made before anything is written, over the bytes of the masked lines
 * that will be in the dump. It does not know how they were masked: each value is taken
 * from the raw and from the masked line again.
 *
 *     mask_proof_class    of each class: equal raw values have equal masks, and where a
 *                         unique key needs it, different ones have different masks
 *     mask_proof_keys     each foreign key with a masked column: as many references find
 *                         their row among the masked rows as did in the proof of the
 *                         sample, and no others
 *     mask_proof_unique   each unique index with a masked column: no two masked rows have
 *                         the same key
 *     mask_proof_values   what is NOT NULL is not NULL, and no text is longer than its
 *                         column
 *
 * CHECK constraints are left to mask_checks.h, since only the server can evaluate them.
 *
 * What is compared is canonical (mask_canonical.h), so that a mask which is not the same
 * for values that a key takes for equal is found, whatever the reason. It is compared by
 * hashes (mask_tuple.h), which are gone through when all rows are there (mask_pairs.h):
 * 16 bytes for a value of a class, the same for a row of a unique index or a referenced
 * key, and for a reference.
 *
 * Messages name constraints, tables and columns, and no values.
 */
#ifndef SAMPLE_MASKED_MASK_PROOF_H
#define SAMPLE_MASKED_MASK_PROOF_H

#include "sample/masked/mask_batch.h"
#include "sample/proof.h"

typedef struct MaskProof MaskProof;

/* Nothing is proved yet. */
MaskProof *mask_proof_new(const MaskPlan *plan, const Sample *sample, const Proof *proof);
void mask_proof_free(MaskProof *proof);

/* Does the relation take part in what is proved? */
bool mask_proof_needs(const MaskProof *proof, int relation);

/* Proves rows, both sides of which were split; ends the program if that fails. */
void mask_proof_add(MaskProof *proof, MaskBatch *batch);

/* When all rows were added: the foreign keys. */
void mask_proof_finish(MaskProof *proof);

/* What the proof has counted, for the report. */
typedef struct MaskCounts
{
    uint64_t n_values;   /* of the column, not NULL */
    uint64_t n_distinct; /* of its class; 0: they were not compared */
    bool is_function;    /* proved: equal values have equal masks */
    bool is_unique;      /* proved: different values have different masks */
} MaskCounts;

MaskCounts mask_proof_count(const MaskProof *proof, const MaskColumn *column);

/* How many foreign keys and references were proved again. */
void mask_proof_count_keys(const MaskProof *proof, int *n_keys, uint64_t *n_references);

#endif
