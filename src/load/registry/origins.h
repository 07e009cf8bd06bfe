/*
 * Which databases rows came from, run by run, as dumps of pg-sample say it: so that it is
 * noticed when rows of two databases meet.
 */
#ifndef LOAD_REGISTRY_ORIGINS_H
#define LOAD_REGISTRY_ORIGINS_H

#include "base/strbuf.h"
#include "load/batch.h"

/* Can our schema keep them? Adds the column to a table of an earlier version. */
void origins_prepare(LoadBatch *batch);

/* ", ARRAY[...]" for the row of the run, in the order of the tables; or nothing. */
void origins_append(PQExpBuffer sql, const LoadBatch *batch);

/* Warns of each schema whose tables were loaded from another database the last time. */
void origins_warn(const LoadBatch *batch);

#endif
