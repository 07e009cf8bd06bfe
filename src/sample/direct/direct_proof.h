/* The proof of a sample whose rows are here (proof.h). */
#ifndef SAMPLE_DIRECT_DIRECT_PROOF_H
#define SAMPLE_DIRECT_DIRECT_PROOF_H

#include "sample/proof.h"

void direct_proof_run(Proof *proof, Sample *sample, Session *session);

#endif
