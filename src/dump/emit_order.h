/*
 * The order of tables in the dump. With the schema, foreign keys come after the data, and
 * tables stand in the order of their names. With --data-only the keys exist already, and
 * what is referenced must come first.
 *
 * Pure: no server, no output.
 */
#ifndef DUMP_EMIT_ORDER_H
#define DUMP_EMIT_ORDER_H

#include "base/diag.h"
#include "model/graph.h"

typedef struct EmitOrder
{
    int *relations;      /* all relations of the catalog; in its arena */
    bool needs_deferral; /* some foreign keys must be deferred while loading */
    const FkGraph *graph;
    bool *is_postponed; /* by its edge: the columns are loaded as NULL, set afterwards */
} EmitOrder;

/* By name. */
void emit_order_by_name(EmitOrder *order, const FkGraph *graph);

/*
 * Referenced before referencing. Where keys form a cycle, those that can be deferred are;
 * and of the others, those whose columns can be NULL for a while are postponed. A key of
 * a table to itself needs no order, since it is checked after the table's COPY; with
 * one INSERT after the other (has_statements) it does. Deferring takes a transaction
 * (can_defer). Only relations with rows count. False, with the cycle named in diag, when
 * no order exists.
 */
bool emit_order_for_data_only(EmitOrder *order, const FkGraph *graph,
                              const bool *has_rows, bool has_statements, bool can_defer,
                              Diag *diag) __attribute__((warn_unused_result));

#endif
