/*
 * CHECK constraints of tables in whose rows columns become NULL because of ignored foreign
 * keys: the server says what they are for these rows, as they stand in the snapshot.
 */
#ifndef SAMPLE_NULL_CHECKS_H
#define SAMPLE_NULL_CHECKS_H

#include "sample/sample.h"
#include "sample/session.h"

/*
 * Ends the program with EXIT_INCONSISTENT if a row of the finished sample would break a
 * constraint in the dump that it satisfies in the source.
 */
void null_checks_run(Sample *sample, Session *session);

#endif
