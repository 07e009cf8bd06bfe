/*
 * Sequences that columns of the batch use, and those of a dump.
 *
 * They are moved forward before the commit, never back, and stay there if it fails: a
 * number that is not used does no harm, but one that is used twice does. A sequence
 * cannot be moved back later: under concurrent nextval() that would give the same numbers
 * again.
 */
#ifndef LOAD_COMMIT_LOAD_SEQUENCES_H
#define LOAD_COMMIT_LOAD_SEQUENCES_H

#include "load/batch.h"

/* Warns of sequences that the role has no privilege to move. */
void load_sequences_advance(LoadBatch *batch);

#endif
