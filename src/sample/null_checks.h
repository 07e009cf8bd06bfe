/*
 * CHECK constraints of tables in whose rows columns become NULL because of ignored
 * foreign keys: the server evaluates them over these rows, in the snapshot. That happens
 * under the search_path of a restore, on the connection that reads rows.
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
