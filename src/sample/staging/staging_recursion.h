/*
 * Long chains of a cyclic component in staging mode: a pass for each step of the chain
 * would cost two round trips and a transaction. Instead the source connection runs a
 * recursive query over the source, from the keys that are missing, which inserts the ids
 * of all rows that it reaches into the table "reached"; then the staging connection
 * selects those that are not staged yet, and they are fetched by id. The recursive query
 * cannot see what is staged, so it returns such rows as well.
 */
#ifndef SAMPLE_STAGING_STAGING_RECURSION_H
#define SAMPLE_STAGING_STAGING_RECURSION_H

#include "sample/staging/staging.h"

/*
 * Stages all rows of the component that rows of the pass refer to, directly or through
 * others, by foreign keys inside of the component. Returns how many.
 */
size_t staging_recursion_run(Sample *sample, Session *session, const Component *component,
                             int pass);

/* Creates the table "reached", or empties it. */
void staging_recursion_prepare(Staging *staging);
/* Stages the rows of the relation with ids in it, except those that are staged. */
size_t staging_recursion_fetch(Sample *sample, Session *session, int relation);

#endif
