/*
 * The values of sequences. The next value drawn from the restored sequence must not
 * collide with a row of the sample, and otherwise continues where the source's does.
 *
 * Sequences are in no snapshot: their values are read last, when all rows have been read,
 * and so are not behind values in rows, except where rows were inserted with values of
 * their own or the sequence was set back. So the furthest value of the sampled rows, in
 * the columns that draw from the sequence, is noted as rows are read, and replaces a
 * value of the sequence that it is beyond. Sequences are read in a few statements (UNION
 * ALL), 200 in each.
 */
#ifndef DUMP_SEQUENCES_H
#define DUMP_SEQUENCES_H

#include "dump/sink.h"
#include "dump/toc.h"
#include "sample/sample.h"
#include "sample/session.h"

/*
 * Writes a setval() for each sequence; with toc, for those that it keeps only. Sequences
 * without SELECT privilege get the furthest sampled value, with a warning. With
 * keeps_further, one that has gone further where the dump is restored stays.
 */
void sequences_write(Sink *sink, const Sample *sample, Session *session, const Toc *toc,
                     bool keeps_further);

/* Asks for the values of all that can be read, so that the answers are kept. */
void sequences_ask(Session *session);

#endif
