/*
 * --ignore-fk: which foreign keys are not followed, and whether rows can do without them.
 *
 * Where the row that an ignored key refers to is not in the sample, the key's columns
 * become NULL in the dump: those that can be, and all of them under MATCH FULL. So the
 * key itself holds there as it does in the source. A column that has another meaning as
 * well must not lose its values, though.
 *
 * Pure: no server, no output.
 */
#ifndef MODEL_IGNORED_H
#define MODEL_IGNORED_H

#include "base/diag.h"
#include "base/stringlist.h"
#include "model/plan.h"

/*
 * Marks the foreign keys of the catalog that the patterns match, and takes declared
 * references that they match out of it, since nothing holds them; to be done before the
 * graph is built. False, with the nearest name in diag, when a pattern matches nothing.
 * A key to a table that may not be read is cut: rows keep their values of it, since the
 * dump has neither the table nor the key. Without a schema in the dump (is_data_only)
 * they become NULL if they can.
 */
bool ignored_mark(Catalog *catalog, const StringList *patterns, bool is_data_only,
                  Diag *diag) __attribute__((warn_unused_result));

/*
 * Can rows do without the ignored keys of tables that may get rows? False, with column,
 * key and reason in diag, when a column must not become NULL.
 */
bool ignored_check(const Plan *plan, Diag *diag) __attribute__((warn_unused_result));

/* Does the constraint depend on what becomes NULL in rows of its leaves? */
bool ignored_concerns(const GraphKey *ignored, const CheckConstraint *check);

#endif
