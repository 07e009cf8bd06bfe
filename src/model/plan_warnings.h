/*
 * What in the rules and the selection is probably not meant, though it can be done.
 *
 * Pure: no server, no output.
 */
#ifndef MODEL_PLAN_WARNINGS_H
#define MODEL_PLAN_WARNINGS_H

#include "model/plan.h"

/*
 * The rule that is first for all tables that the i-th one matches, so that this one never
 * counts; NULL if it can count. A rule with wildcards can count in another database,
 * unless the earlier rule covers it by its text.
 */
const Rule *plan_warnings_find_earlier(const Catalog *catalog, const RuleList *rules,
                                       size_t i);

/*
 * The tables that inherit from a table with rows to pick but are left out, by not being
 * named: the first of their names, separated by commas and owned by the caller. NULL if
 * there is none.
 */
char *plan_warnings_list_children(const Plan *plan, int relation);

#endif
