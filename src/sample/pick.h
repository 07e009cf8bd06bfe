/* The set P: the rows that the limit rules take. */
#ifndef SAMPLE_PICK_H
#define SAMPLE_PICK_H

#include "sample/sample.h"
#include "sample/session.h"

/*
 * Checks every condition of the rules against the tables that it stands on; ends the
 * program with a message that names the rule when one is not a boolean expression there.
 */
void pick_check_conditions(Session *session, const Plan *plan);

/*
 * The places of the rows that a pick takes, in an array of the caller's, which may be
 * NULL if there are none.
 */
RowId *pick_row_ids(Sample *sample, Session *session, const Pick *pick, size_t *n_ids);

/* Takes the relation's picked rows into the sample. */
void pick_rows(Sample *sample, Session *session, int relation);

#endif
