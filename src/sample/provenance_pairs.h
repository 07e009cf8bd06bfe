/* Which rows refer to which along a declared reference, for provenance; see why.h. */
#ifndef SAMPLE_PROVENANCE_PAIRS_H
#define SAMPLE_PROVENANCE_PAIRS_H

#include "sample/sample.h"
#include "sample/session.h"

typedef void (*ProvenancePair)(void *context, RowId from, RowId to);

/*
 * Calls found for each row that the rows at these places refer to, whether or not it is
 * in the sample. The places get sorted. Nothing is found when the sample is not complete
 * and the connection for the user's SQL is in the middle of another query.
 */
void provenance_pairs_find(const Sample *sample, Session *session,
                           const Reference *reference, RowId *ids, size_t n,
                           ProvenancePair found, void *context);

#endif
