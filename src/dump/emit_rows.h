/* The rows of tables, as COPY blocks or INSERT statements. */
#ifndef DUMP_EMIT_ROWS_H
#define DUMP_EMIT_ROWS_H

#include "dump/sink.h"
#include "dump/toc.h"
#include "sample/sample.h"
#include "sample/session.h"

/*
 * Writes the rows of one relation in source order, or in the order of its key. Nothing is
 * written for a relation without rows.
 */
void emit_rows(Sink *sink, Sample *sample, Session *session, int relation,
               bool is_ordered, int rows_per_insert, bool disable_triggers);

/* Configuration rows of the extensions that the dump has. */
void emit_configuration(Sink *sink, Session *session, const Catalog *catalog,
                        const Toc *toc);

#endif
