/*
 * The budgets of a sample: the most rows, and the most bytes of COPY text, that it may
 * have. They are checked while it grows, so that an explosion ends early: rows of D as
 * they are found, others as they are read, bytes with them in direct mode; when staging,
 * bytes are added up by the server as soon as the rows of a component are complete.
 */
#ifndef SAMPLE_BUDGET_H
#define SAMPLE_BUDGET_H

#include "sample/sample.h"

struct Budget
{
    int64_t max_rows; /* 0: no limit */
    int64_t max_size; /* bytes; 0: no limit */
    /* called with what is there so far; does not return */
    void (*exceeded)(void *context, Sample *sample);
    void *context;
};

/* How many rows the sample is known to have so far, whether or not they were read. */
uint64_t budget_count_rows(const Sample *sample);

/* Counts and checks a row that was added in direct mode. */
void budget_note_row(Sample *sample, int relation, const char *line, size_t length);

/* To be called when sample->n_rows, n_down or n_bytes have grown. */
void budget_check(Sample *sample);

#endif
