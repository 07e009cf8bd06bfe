/*
 * CHECK constraints of rows in which columns become NULL because of ignored foreign keys.
 *
 * A row satisfies its constraints in the source, but may break one in the dump, so that
 * the dump would not restore: with CHECK (kind <> 'gift' OR giver IS NOT NULL) and an
 * ignored foreign key on giver, for example. Only the server can evaluate the expression,
 * so it does so over the rows of the source with these columns as NULL: rows that lack
 * the same referenced rows, and are in one leaf, go into one query. Rows in which nothing
 * becomes NULL, and constraints that do not see the columns, cost nothing. The
 * search_path is that of a restore, and the connection the one that reads rows.
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
