/* The rows of tables, as COPY blocks or INSERT statements. */
#ifndef DUMP_EMIT_ROWS_H
#define DUMP_EMIT_ROWS_H

#include "dump/emit_order.h"
#include "dump/sink.h"
#include "sample/sample.h"
#include "sample/session.h"

typedef struct RowStyle
{
    bool is_ordered;       /* by key; otherwise in source order */
    int rows_per_insert;   /* 0: COPY */
    bool keeps_others;     /* rows that are there already stay; with rows_per_insert */
    bool disable_triggers; /* around the rows */
} RowStyle;

/*
 * Writes the rows of one relation; nothing if it has none. The columns of foreign keys
 * that are postponed are written as NULL.
 */
void emit_rows(Sink *sink, Sample *sample, Session *session, int relation,
               const RowStyle *style, const EmitOrder *order);

/* Sets the columns of the foreign keys that were postponed. */
void emit_rows_postponed(Sink *sink, Sample *sample, Session *session,
                         const RowStyle *style, const EmitOrder *order);

#endif
