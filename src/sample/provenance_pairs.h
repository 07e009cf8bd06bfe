/* Which rows refer to which by a declared reference, for provenance.h. */
#ifndef SAMPLE_PROVENANCE_PAIRS_H
#define SAMPLE_PROVENANCE_PAIRS_H

#include "sample/sample.h"
#include "sample/session.h"

typedef struct ProvenancePairs
{
    const Sample *sample;
    Session *session;
    const Reference *reference;
    /* called for each row that a row refers to, whether or not it is in the sample */
    void (*found)(void *context, RowId from, RowId to);
    void *context;
} ProvenancePairs;

/*
 * Finds what the rows with these ids refer to; the ids get sorted. Nothing is found when
 * the sample is not complete and the connection for the user's SQL is in the middle of
 * another query.
 */
void provenance_pairs_find(const ProvenancePairs *pairs, RowId *ids, size_t n);

#endif
