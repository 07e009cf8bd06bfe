/*
 * The finished sample, masked: between the proof of the sample and its emission, for both
 * modes and all formats.
 *
 *     rowscan        a line as it would be in the dump, set to NULL where it must be
 *        |
 *     mask_row       canonical values (some by the server), masks -> masked line
 *        |
 *        +-- mask_proof    classes are functions, unique ones injective; foreign keys,
 *        |                 unique indexes, lengths, over what was masked
 *        +-- mask_checks   CHECK and domain constraints, by the server
 *        +-- leak_scan     raw values are noted
 *        |
 *     masked rows    a spool of their own, which rowscan reads from then on
 *
 * Then the texts that go out are searched for raw values (leak_scan).
 */
#ifndef SAMPLE_MASKED_MASKING_H
#define SAMPLE_MASKED_MASKING_H

#include "model/mask_plan.h"
#include "sample/proof.h"
#include "sample/sample.h"
#include "sample/session.h"

#endif
