/*
 * What a dump holds besides the sampled rows, stored in the staging schema: the archive
 * of the schema, answers about the source, configuration rows of extensions, large
 * objects, all as of the run's snapshot. Dumps are written from there alone, so that the
 * snapshot need not be held while a dump is written, and --resume needs no source.
 */
#ifndef DUMP_STAGING_STORE_H
#define DUMP_STAGING_STORE_H

#include "dump/ddl.h"
#include "sample/session.h"
#include "sample/staging/staging.h"

/* Stores it all; ddl may be NULL: then the dump will have no schema. */
void staging_store(Sample *sample, Session *session, const Ddl *ddl);

/* ---- dump_answers.c */

/*
 * Asks all of them, or only those of a dump without its schema; the session's answers
 * must be recording, and the catalog loaded.
 */
void dump_answers_ask(Session *session, bool has_schema);

#endif
