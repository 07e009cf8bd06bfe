/*
 * Origins: the databases that loaded samples were made of (Catalog.identity in the header
 * of a dump). The table run has them for each run, so that a warning can be given when a
 * schema gets rows of another database than before: equal keys can be different rows.
 */
#ifndef LOAD_REGISTRY_ORIGINS_H
#define LOAD_REGISTRY_ORIGINS_H

#include "base/strbuf.h"
#include "load/batch.h"

/* Sets batch->has_origins; adds the column to a table run of an earlier version. */
void origins_prepare(LoadBatch *batch);

/* ", ARRAY[...]" for the row of the run, in the order of the tables; or nothing. */
void origins_append(PQExpBuffer sql, const LoadBatch *batch);

/* Warns of each schema whose tables were loaded from another database before. */
void origins_warn(const LoadBatch *batch);

#endif
