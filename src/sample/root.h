/* The set R: the rows that root rules, keys and files name. */
#ifndef SAMPLE_ROOT_H
#define SAMPLE_ROOT_H

#include "sample/sample.h"
#include "sample/session.h"

/*
 * Adds all root rows to sample->down. Ends the program when a key is not there (unless
 * that is only to be told), or a row that is named is outside of the filter.
 */
void root_find_all(Sample *sample, Session *session);

#endif
