/*
 * Following declared references up: rows bring every row that they refer to.
 *
 * The user's expressions are worked out by the user's connection, for the places of rows
 * that are in the sample, a batch at a time; it tells the places of the rows that match,
 * which are then fetched like any others. Each row is looked at once for each reference.
 */
#ifndef SAMPLE_REFERENCE_CLOSURE_H
#define SAMPLE_REFERENCE_CLOSURE_H

#include "sample/sample.h"
#include "sample/session.h"

/* Ends the program when the server finds something wrong with a reference. */
void reference_closure_check(Session *session, const Plan *plan);

/* Notices of values that refer to no row. */
void reference_closure_report(const Sample *sample);

typedef struct ReferenceSearch
{
    Sample *sample; /* which counts what the reference finds */
    Session *session;
    int reference;
    void (*found)(void *context, const Reference *reference, RowId id);
    void *context;
} ReferenceSearch;

/* Calls found with each row that the rows with these ids, which are sorted, refer to. */
void reference_closure_find(const ReferenceSearch *search, const RowId *ids, size_t n);

#endif
