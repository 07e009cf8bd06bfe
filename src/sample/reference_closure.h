/*
 * Following declared references: rows bring every row that they refer to.
 *
 * The expressions are the user's SQL, so nothing of them is evaluated here: a query on
 * the user's connection gets the ids of rows that are in the sample, a batch at a time,
 * and returns the ids of the rows that they refer to. These are then fetched like any
 * others, on the connection that reads rows. Each row is followed once by each reference.
 *
 * Example: for --reference='log(subject::int) -> users(id)' and the rows of log that are
 * in the sample, the ids of users whose id equals one of these numbers.
 *
 * Values that refer to no row are counted and reported, but break no proof, since nothing
 * in the source promises that the row is there.
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
