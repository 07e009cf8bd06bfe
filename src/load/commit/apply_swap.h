/*
 * Replacing a table by another one under its name.
 *
 * The rows are inserted into a new table beside the old one, with the same indexes,
 * constraints, defaults and sequences; then the two exchange their names. Building takes
 * as long as loading an empty table, but readers are blocked only for the exchange, a few
 * milliseconds. Writers are blocked from the beginning, since what they write to the old
 * table would be lost.
 *
 * The statements come from load_swap_statements.sql, in the order of their phases.
 */
#ifndef LOAD_COMMIT_APPLY_SWAP_H
#define LOAD_COMMIT_APPLY_SWAP_H

#include "load/commit/attempt.h"

/* Builds and exchanges all tables with APPLY_SWAP. */
bool apply_swap(Attempt *attempt) __attribute__((warn_unused_result));

#endif
