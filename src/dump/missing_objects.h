/*
 * Missing objects: what cannot be restored without tables whose definitions pg_dump
 * cannot read, because the role lacks privileges or they are locked (sample/skipped.h).
 * That is foreign keys to them, views over them, functions with their row types, and what
 * depends on these, transitively. It is left out, so that the dump restores.
 *
 * The archive does not have the missing tables, nor what depends on them. So the
 * dependencies are read from the catalogs (src/sql/missing_dependencies.sql), sorted by
 * the object that is needed, and are searched breadth-first from the missing tables; each
 * object found keeps the table that it was found by, for the message. The search runs
 * twice: before pg_dump, to find more tables that will be missing, and with its archive,
 * to find what to leave out of it.
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
 * are skipped as well. Returns the names of views that pg_dump has to exclude (it
 * would wait for the lock of a table that they read); the texts are in the catalog's
 * arena, the list is the caller's.
 */
StringList missing_objects_spread(const Plan *plan, Answers *answers);

/*
 * Leaves out what cannot be restored without tables that the archive does not have, and
 * reports it on stderr and, as comment lines, in left_out. report is called for entries
 * that depend on these.
 */
void missing_objects_leave_out(Toc *toc, const Plan *plan, Answers *answers,
                               TocLeftOut report, PQExpBuffer left_out);

/* Asks beforehand what is asked if tables are left out because they are the loader's. */
void missing_objects_ask(const Catalog *catalog, Answers *answers);

#endif
