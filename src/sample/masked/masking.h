/*
 * The finished sample, masked: between the proof of the sample and its emission, for both
 * modes and all formats.
 *
 *     rowscan        a line as it would be in the dump, set to NULL where it must be
 *        |
 *     mask_batch     a thousand of them: fields, values, canonical values
 * (mask_canonical;
 *        |           some by the server, mask_server)
 *     mask_row       masks -> masked lines
 *        |
 *        +-- mask_proof    classes are functions, unique ones injective; foreign keys,
 *        |                 unique indexes, lengths, over the bytes that were masked
 *        +-- mask_checks   CHECK and domain constraints, by the server
 *        +-- mask_groups    how many rows are equal in what was generalised
 *        +-- leak_scan     raw values are noted
 *        |
 *     masked_rows    a spool of their own, which rowscan reads from then on
 *
 * Then the texts that go out are searched for raw values (leak_scan).
 *
 * Masks come last, since what the sample is, and the proof of it, depend on the values of
 * the source. They are computed once, whatever is written, and however often.
 */
#ifndef SAMPLE_MASKED_MASKING_H
#define SAMPLE_MASKED_MASKING_H

#include "model/mask_plan.h"
#include "sample/masked/leak_scan.h"
#include "sample/masked/mask_groups.h"
#include "sample/masked/mask_proof.h"
#include "sample/proof.h"
#include "sample/sample.h"
#include "sample/session.h"

typedef struct Masking Masking;

typedef struct MaskingOptions
{
    bool is_ordered;     /* the dump has rows in the order of their keys */
    bool is_leak_fatal;  /* raw values elsewhere end the program */
    size_t memory_limit; /* bytes, for the text of masked rows */
} MaskingOptions;

/*
 * Masks the sample by sample->plan->masks, proves it, and has rowscan return the masked
 * rows from then on. Ends the program with EXIT_INCONSISTENT when the proof fails. Raw
 * values that are left elsewhere in the rows are reported.
 */
Masking *masking_run(Sample *sample, Session *session, const Proof *proof,
                     const MaskingOptions *options);

/*
 * Searches another text that goes out for raw values; place: what a message calls it, a
 * constant.
 */
void masking_scan_text(Masking *masking, const char *place, const char *text);
/* Warns of raw values that were found since the last call, or ends the program. */
void masking_report_leaks(Masking *masking);

/* NULL is accepted. The sample must not be read any more. */
void masking_free(Masking *masking);

/* What the proof has counted of a column. */
MaskCounts masking_count(const Masking *masking, const MaskColumn *column);
/* Foreign keys and references that were proved again. */
void masking_count_keys(const Masking *masking, int *n_keys, uint64_t *n_references);
/* Raw values that were found elsewhere; *n becomes the number. */
const LeakFinding *masking_get_findings(const Masking *masking, size_t *n);
/* Tables with columns that were generalised; *n becomes the number. */
const MaskGrouping *masking_get_groupings(const Masking *masking, size_t *n);

#endif
