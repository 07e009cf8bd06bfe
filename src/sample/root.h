/*
 * The set R: the rows that root rules, keys and files name; all other rows of D come down
 * from these.
 *
 * Rules with a count or a condition are picks (pick.h), keys and files are looked up many
 * at a time (root_keys.h). What is named must be there: a key without a row ends the
 * program, or is a warning with --missing=warn; a rule for several tables may take no row
 * of some of them, but not of all. Named rows must satisfy --where-column as well, while
 * rules take only rows that do.
 */
#ifndef SAMPLE_ROOT_H
#define SAMPLE_ROOT_H

#include "sample/sample.h"
#include "sample/session.h"

/*
 * Adds all root rows to sample->down. Ends the program when a key has no row (without
 * --missing=warn), or a row that is named does not satisfy the filter.
 */
void root_find_all(Sample *sample, Session *session);

#endif
