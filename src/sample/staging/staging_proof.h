/*
 * The proof (proof.h) in staging mode, by queries over the staging tables.
 *
 * For each table: it has as many rows as were inserted, and none twice. For each foreign
 * key one anti-join: how many references there are, and how many find no staged row; only
 * the keys of these are read, and looked up in the source. Nothing is taken from what
 * closing the sample has counted.
 */
#ifndef SAMPLE_STAGING_STAGING_PROOF_H
#define SAMPLE_STAGING_STAGING_PROOF_H

#include "sample/proof.h"
#include "sample/staging/staging.h"

/* Ends the program with EXIT_INCONSISTENT unless all rows are there, each once. */
void staging_proof_count_rows(const Sample *sample);

/* Counts the references without asking the source about those that find no row. */
void staging_proof_count_references(Proof *proof, Sample *sample);

void staging_proof_run(Proof *proof, Sample *sample, Session *session);

#endif
