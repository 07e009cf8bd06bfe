/*
 * What of the source's schema goes into the dump: all of it, or what the selection names
 * with everything that this needs, less what an ordinary role could not restore, less
 * what needs tables that are missing, less the foreign keys that we write ourselves.
 */
#ifndef DUMP_SCHEMA_CHOICE_H
#define DUMP_SCHEMA_CHOICE_H

#include "base/strbuf.h"
#include "dump/toc.h"
#include "sample/proof.h"
#include "sample/sample.h"
#include "sample/session.h"

/*
 * Marks the entries of the table of contents. What is left out for want of a table, or of
 * a superuser (unless with_superuser_objects), is told on stderr and as comment lines in
 * left_out. proof is NULL when the dump has no data.
 */
void schema_choice_make(Toc *toc, const Sample *sample, const Proof *proof,
                        Session *session, bool with_superuser_objects,
                        PQExpBuffer left_out);

/* Asks all that schema_choice_make() may ask, so that the answers are kept. */
void schema_choice_ask(Answers *answers);

#endif
