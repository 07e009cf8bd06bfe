/*
 * Large objects that sampled rows refer to: numbers in columns of type oid (or of a
 * domain over it, such as contrib's lo) under which the source has a large object.
 */
#ifndef DUMP_LARGEOBJECTS_H
#define DUMP_LARGEOBJECTS_H

#include "dump/sink.h"
#include "sample/sample.h"
#include "sample/session.h"

/* Does the source have any? */
bool largeobjects_exist(Session *session);

/*
 * Writes them, in the order of their numbers; with is_clean, so that they replace those
 * of the same numbers. Returns how many.
 */
size_t largeobjects_write(Sink *sink, const Sample *sample, Session *session,
                          bool is_clean);

/*
 * The same through a table resume_large_objects in the staging schema: a row for each
 * 256 kB of a large object, one without data for one that may not be read.
 */
void largeobjects_create_table(Db *db, const char *qschema);

/*
 * Stores those of the numbers ("{16385,16390}") under which the source has a large object
 * that the transaction's snapshot sees, in one statement over a connection that reads the
 * source and may write. A number may come twice; the contents are stored twice then, and
 * written once.
 */
void largeobjects_store(Db *db, const char *qschema, const char *numbers);

/* Writes all that are stored, with the same bytes as largeobjects_write(). */
size_t largeobjects_write_stored(Sink *sink, Db *db, const char *qschema, bool is_clean);

#endif
