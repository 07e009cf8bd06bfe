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

/*
 * What the rows of the component refer to, of those that were not looked at yet, becomes
 * pending. Direct mode; for staging see staging_references_run.h.
 */
void reference_closure_component(Sample *sample, Session *session,
                                 const Component *component);

/* Notices of values that refer to no row. */
void reference_closure_report(const Sample *sample);

/* ---- for both modes */

typedef void (*ReferenceFound)(void *context, const Reference *reference, RowId id);

/*
 * Calls found with each row that the rows at these places, which are sorted, refer to,
 * and counts. The places are used up.
 */
void reference_closure_find(Sample *sample, Session *session, int reference,
                            const RowId *ids, size_t n, ReferenceFound found,
                            void *context);

#endif
