/*
 * What speaks against the commit, besides rows that are rejected: guards, assertions,
 * rows of other tables that a DELETE would take along. All of it is collected, and then
 * said at once.
 */
#ifndef LOAD_FINDINGS_H
#define LOAD_FINDINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/diag.h"

typedef struct Findings Findings;

Findings *findings_new(void);

/* hint may be NULL; it is copied. */
void findings_add(Findings *findings, const char *hint, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

size_t findings_count(const Findings *findings);

/* One of them, in the order in which they were found. */
const Diag *findings_get(const Findings *findings, size_t i);

/* Prints them as errors, each with its hint. */
void findings_print(const Findings *findings);

#endif
