/*
 * Findings: reasons not to commit that are not about single rows, such as a guard that is
 * exceeded, an assertion that found rows, or rows of other tables that refer to deleted
 * ones. All checks run, and then all findings are printed, so that one run reports
 * everything that has to be corrected.
 */
#ifndef LOAD_FINDINGS_H
#define LOAD_FINDINGS_H

#include <stddef.h>

#include "base/diag.h"

typedef struct Findings Findings;

Findings *findings_new(void);

/* The hint is copied, and may be NULL. */
void findings_add(Findings *findings, const char *hint, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

size_t findings_count(const Findings *findings);

/* In the order in which they were found. */
const Diag *findings_get(const Findings *findings, size_t i);

/* Prints them as errors, each with its hint. */
void findings_print(const Findings *findings);

#endif
