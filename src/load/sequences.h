/*
 * Sequences that columns of the batch draw from, and those that a dump speaks of. They are
 * moved forward before the commit, only forward, and stay so if it fails: numbers that
 * nobody gets do no harm, numbers that come twice do.
 */
#ifndef LOAD_SEQUENCES_H
#define LOAD_SEQUENCES_H

#include "input/input.h"
#include "load/batch.h"

/* A warning for each that may not be moved. */
void sequences_advance(LoadBatch *batch);

/* The same for what dumps say; those that are not in the database are left out. */
void sequences_advance_to(LoadBatch *batch, const InputSequence *sequences, size_t n);

#endif
