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

#endif
