/*
 * Following declared references up in staging mode: the keeper tells the places of the
 * rows that are staged, the user's connection where they lead (reach.h), and the keeper
 * which of these places are not staged yet.
 */
#ifndef SAMPLE_STAGING_STAGING_REFERENCES_H
#define SAMPLE_STAGING_STAGING_REFERENCES_H

#include "sample/sample.h"
#include "sample/session.h"

/*
 * Stages the rows that the reference leads to from rows that came in the pass, or (pass
 * -1) from those that came before the referenced relation's present pass. Returns how
 * many.
 */
size_t staging_references_run(Sample *sample, Session *session, int reference, int pass);

/*
 * The same for all references from the component to itself, and from the rows that they
 * lead to, as far as such references go. Places of these rows are kept here meanwhile.
 */
size_t staging_references_recurse(Sample *sample, Session *session,
                                  const Component *component, int pass);

#endif
