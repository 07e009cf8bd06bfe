/*
 * The proof (proof.h) in direct mode: each row is read again from the row store, and its
 * foreign keys are looked up in the key sets, which hold the keys of all rows that were
 * collected. Where the server compares keys, the row has the ids of the rows that it
 * refers to, and these are looked up in the row store. One pass over the rows.
 */
#ifndef SAMPLE_DIRECT_DIRECT_PROOF_H
#define SAMPLE_DIRECT_DIRECT_PROOF_H

#include "sample/proof.h"

void direct_proof_run(Proof *proof, Sample *sample, Session *session);

#endif
