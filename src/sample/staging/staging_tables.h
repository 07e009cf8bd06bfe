/* The tables of the staging schema: staging_tables.c. */
#ifndef SAMPLE_STAGING_STAGING_TABLES_H
#define SAMPLE_STAGING_STAGING_TABLES_H

#include "sample/staging/staging.h"

/*
 * Creates staging tables for these relations, unless they exist. The staging connection
 * must not be in the middle of a query.
 */
void staging_tables_need(Staging *staging, const int *relations, int n);

/*
 * "BEGIN ...; LOCK TABLE ...": each statement of the source connection is a short
 * transaction in the run's snapshot. Those of one relation are neighbours.
 */
void staging_tables_append_begin(PQExpBuffer sql, const Staging *staging,
                                 const int *relations, int n);

/* All tables that can get rows, or that such tables refer to. */
void staging_tables_need_all(Staging *staging);

/*
 * Those of the component that are picked from, or have rows of D, and of the components
 * behind it as many as can be created with them.
 */
void staging_tables_need_for_picks(Sample *sample, const Component *component);

#endif
