/*
 * The sets R and D: root rows, and the rows that come down from them, generation by
 * generation. D is known, as places, before anything of it is read: so both modes take it
 * in like picked rows.
 */
#ifndef SAMPLE_DOWN_H
#define SAMPLE_DOWN_H

#include "model/rowid.h"
#include "sample/sample.h"
#include "sample/session.h"

/*
 * Finds the root rows and all that comes down from them, into sample->down. Ends the
 * program when a root that is named does not exist or is outside of the filter.
 */
void down_run(Sample *sample, Session *session);

/*
 * Takes the relation's rows of D into the sample, behind its picked rows; roots count as
 * picked.
 */
void down_fetch(Sample *sample, Session *session, int relation);

#endif
