/*
 * --ignore-fk: which foreign keys are not followed, and whether rows can do without them.
 *
 * Where the row that an ignored foreign key refers to is not in the sample, the columns
 * of the key become NULL in the dump: those that can, and all of them under MATCH FULL.
 * So the constraint holds in the restored database. A column with another meaning must
 * not lose its values, though: one that is NOT NULL or generated, belongs to a foreign
 * key that is followed or to another ignored one with MATCH FULL, is referenced, or has
 * another obstacle (catalog_obstacles.c). All this is checked in the catalog, before a
 * row is read; what a CHECK constraint makes of NULL is found out with the rows
 * (sample/null_checks.h).
 *
 * Pure: no server, no output.
 */
#ifndef MODEL_IGNORED_H
#define MODEL_IGNORED_H

#include "base/diag.h"
#include "base/stringlist.h"
#include "model/plan.h"

/*
 * Marks the foreign keys of the catalog that the patterns match, and removes declared
 * references that they match; to be called before the graph is built. False, with the
 * nearest name in diag, when a pattern matches nothing. A key to a table that cannot be
 * read is cut: rows keep their values of it, since the dump has neither the table nor the
 * key. Without a schema in the dump (is_data_only) they become NULL if they can.
 */
bool ignored_mark(Catalog *catalog, const StringList *patterns, bool is_data_only,
                  Diag *diag) __attribute__((warn_unused_result));

/*
 * Can rows do without the ignored keys of tables that can get rows? False, with column,
 * key and reason in diag, when a column cannot become NULL.
 */
bool ignored_check(const Plan *plan, Diag *diag) __attribute__((warn_unused_result));

/* Does the constraint depend on what becomes NULL in rows of its leaves? */
bool ignored_concerns(const GraphKey *ignored, const CheckConstraint *check);

#endif
