/*
 * The values of sequences: the next one drawn from the restored sequence must not collide
 * with a row of the sample, and what the source's sequence would give is kept.
 */
#ifndef DUMP_SEQUENCES_H
#define DUMP_SEQUENCES_H

#include "dump/sink.h"
#include "dump/toc.h"
#include "sample/sample.h"
#include "sample/session.h"

/*
 * Writes a setval() for each sequence; with toc, for those that it keeps only.
 * Sequences that may not be read get the greatest sampled value, with a warning.
 * With keeps_further, one that has gone further where the dump is restored stays.
 */
void sequences_write(Sink *sink, const Sample *sample, Session *session, const Toc *toc,
                     bool keeps_further);

/* Asks for the values of all that may be read, so that the answers are kept. */
void sequences_ask(Session *session);

#endif
