/*
 * The proof that a staged sample is consistent (proof.h), by queries over the staging
 * tables: they have as many rows as were inserted, none twice, and every reference along
 * every foreign key finds its row, or has none in the source either.
 */
#ifndef SAMPLE_STAGING_STAGING_PROOF_H
#define SAMPLE_STAGING_STAGING_PROOF_H

#include "sample/proof.h"
#include "sample/staging/staging.h"

/* Dies with EXIT_INCONSISTENT unless all rows are there, each once. */
void staging_proof_count_rows(const Sample *sample);

/* Counts the references without asking the source about those that find no row. */
void staging_proof_count_references(Proof *proof, Sample *sample);

void staging_proof_run(Proof *proof, Sample *sample, Session *session);

#endif
