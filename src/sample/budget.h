/*
 * The budgets of a sample: the most rows, and the most bytes of COPY text, that it may
 * have. They are checked while it grows, so that a sample that becomes too large ends the
 * run early and not after hours:
 *
 * - rows of D as they are found, all others as they are fetched or staged;
 * - bytes in direct mode with each row, in staging mode by the server as soon as a
 *   component is complete (budget_measure.c);
 * - bytes of tables with ignored foreign keys at the end, in both modes, since which of
 *   their values become NULL is not known before.
 *
 * Rows of D that are not fetched yet count as well, so the number of rows known is the
 * greater of both numbers, not their sum.
 */
#ifndef SAMPLE_BUDGET_H
#define SAMPLE_BUDGET_H

#include "sample/sample.h"

struct Budget
{
    int64_t max_rows; /* 0: no limit */
    int64_t max_size; /* bytes; 0: no limit */
    /* called when a limit is exceeded, with the sample so far; does not return */
    void (*exceeded)(void *context, Sample *sample);
    void *context;
};

/* How many rows the sample is known to have so far, fetched or not. */
uint64_t budget_count_rows(const Sample *sample);

/* Counts and checks a row that was added in direct mode. */
void budget_note_row(Sample *sample, int relation, const char *line, size_t length);

/* Would budget_check() end the program? */
bool budget_is_exceeded(const Sample *sample);

/* To be called when sample->n_rows, n_down or n_bytes have grown. */
void budget_check(Sample *sample);

/* ---- budget_measure.c */

/* Adds up and checks the bytes of the staged rows of a relation that is complete. */
void budget_measure_staged(Sample *sample, int relation);

/* The same for all relations with ignored foreign keys, when the sample is complete. */
void budget_measure_set_null(Sample *sample);

#endif
