/*
 * Tables whose definitions pg_dump cannot read, because they may not be read or are
 * locked (sample/skipped.h), and what cannot be restored without them: keys to them,
 * views, functions that take their rows, and whatever needs these. It is left out, so
 * that the dump still restores.
 */
#ifndef DUMP_MISSING_OBJECTS_H
#define DUMP_MISSING_OBJECTS_H

#include "base/strbuf.h"
#include "base/stringlist.h"
#include "db/answers.h"
#include "dump/toc.h"
#include "model/plan.h"

/*
 * Before pg_dump runs: tables whose own definitions cannot be made without such a table
 * are lost as well. Returns the names of views that are to be kept from pg_dump (which
 * would wait for the lock of a table that they read); the texts are in the catalog's
 * arena, the list is the caller's.
 */
StringList missing_objects_spread(const Plan *plan, Answers *answers);

/*
 * Leaves out what cannot be restored without tables that the archive does not have, and
 * tells of it on stderr and, as comment lines, in left_out. Of entries that depend on
 * these only tell is told.
 */
void missing_objects_leave_out(Toc *toc, const Plan *plan, Answers *answers,
                               TocLeftOut report, PQExpBuffer left_out);

/* Asks beforehand what is asked if tables are left out because they are the loader's. */
void missing_objects_ask(const Catalog *catalog, Answers *answers);

#endif
