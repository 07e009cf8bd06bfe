/*
 * Replacing a table by another one under its name: the rows go into a new table that is
 * built beside the old one, with its indexes, constraints, defaults and sequences, and at
 * the end the two exchange their names. Readers wait for that moment only; writers are
 * kept out from the beginning, since what they write would be lost.
 */
#ifndef LOAD_COMMIT_APPLY_SWAP_H
#define LOAD_COMMIT_APPLY_SWAP_H

#include "load/commit/attempt.h"

/* Builds and exchanges all tables with APPLY_SWAP. */
bool apply_swap(Attempt *attempt) __attribute__((warn_unused_result));

#endif
