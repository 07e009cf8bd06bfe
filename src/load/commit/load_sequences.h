/*
 * Sequences that columns of the batch draw from, and those that a dump speaks of. They
 * are moved forward before the commit, only forward, and stay so if it fails: numbers
 * that nobody gets do no harm, numbers that come twice do.
 */
#ifndef LOAD_COMMIT_LOAD_SEQUENCES_H
#define LOAD_COMMIT_LOAD_SEQUENCES_H

#include "load/batch.h"

/* A warning for each that may not be moved; those that do not exist are left out. */
void load_sequences_advance(LoadBatch *batch);

#endif
