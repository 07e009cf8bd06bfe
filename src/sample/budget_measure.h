/*
 * The bytes of rows that cannot be added up one by one as they come (budget.h).
 */
#ifndef SAMPLE_BUDGET_MEASURE_H
#define SAMPLE_BUDGET_MEASURE_H

#include "sample/sample.h"

/* Adds up and checks the bytes of the staged rows of a relation that is complete. */
void budget_measure_staged(Sample *sample, int relation);

/* The same for all relations with ignored foreign keys, when the sample is complete. */
void budget_measure_set_null(Sample *sample);

#endif
