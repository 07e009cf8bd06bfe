/*
 * Large objects that sampled rows refer to: numbers in columns of type oid (or of a
 * domain over it, such as contrib's lo) under which the source has a large object. The
 * type is all that marks such a column, and so columns of type oid with other numbers are
 * searched as well; a number that happens to be that of a large object adds it to the
 * dump, which is harmless.
 *
 * In direct mode the numbers are collected with the rows, and the contents are read while
 * the dump is written, in the snapshot; in staging mode they are stored beforehand, by
 * the server, because the snapshot is gone by then.
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
 * The same through a table resume_large_objects in the staging schema: a row for each 256
 * kB of a large object, one without data for one without privilege.
 */
void largeobjects_create_table(Db *db, const char *qschema);

/*
 * Stores those of the numbers ("{16385,16390}") under which the source has a large object
 * that the transaction's snapshot sees, in one statement over a connection that reads the
 * source and can write. A number can come twice; the contents are stored twice then, and
 * written once.
 */
void largeobjects_store(Db *db, const char *qschema, const char *numbers);

/* Writes all that are stored, with the same bytes as largeobjects_write(). */
size_t largeobjects_write_stored(Sink *sink, Db *db, const char *qschema, bool is_clean);

#endif
