/*
 * The order of tables in the dump. With the schema, foreign keys come after the data, and
 * tables are in the order of their names. With --data-only the foreign keys exist
 * already, and a referenced row must be restored before those that refer to it.
 *
 * Then the components of the graph (graph.h), in reverse, are a valid order of tables
 * unless a component has more than one relation, or a self-reference. In a component,
 * relations are placed one by one whenever no foreign key blocks them: one that is
 * deferrable blocks nothing, as constraints can be deferred in the dump's transaction.
 * When all that are left are blocked, the foreign keys of one relation are postponed, if
 * their columns can be NULL: rows are loaded with NULL there, and UPDATE sets the values
 * when all rows are restored. For example
 *
 *     employees.manager -> employees      INSERT: a row's manager can come later
 *     departments.head -> employees.department -> departments
 *
 * With COPY the first needs nothing, since foreign keys are checked at the end of the
 * statement; of the second pair one key is postponed, say departments.head.
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
    bool *is_postponed; /* by number of a foreign key: loaded as NULL, set afterwards */
} EmitOrder;

/* By name. */
void emit_order_by_name(EmitOrder *order, const FkGraph *graph);

/*
 * Referenced before referencing. has_statements: rows are restored by several INSERT
 * statements, each of which checks foreign keys. can_defer: there is a transaction, in
 * which constraints can be deferred. Only relations with rows count. False, with the
 * cycle named in diag, when no order exists.
 */
bool emit_order_for_data_only(EmitOrder *order, const FkGraph *graph,
                              const bool *has_rows, bool has_statements, bool can_defer,
                              Diag *diag) __attribute__((warn_unused_result));

#endif
