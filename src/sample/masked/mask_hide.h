/*
 * What goes out besides rows, or is shown, without values of masked columns: keys in
 * messages and reports, and what the user has written in rules. A key is shown as it is
 * in the dump, if it can be masked without the server; else there is a question mark, as
 * for literals in rules.
 */
#ifndef SAMPLE_MASKED_MASK_HIDE_H
#define SAMPLE_MASKED_MASK_HIDE_H

#include "base/copytext.h"
#include "model/mask_plan.h"
#include "model/plan.h"
#include "model/rules.h"

/* Is one of the columns masked? */
bool mask_hide_concerns(const Plan *plan, int relation, const int *columns, int n);

/*
 * Appends the field of a column as it will be in the dump, or a question mark. The column
 * may have no mask.
 */
void mask_hide_append_field(PQExpBuffer text, const Plan *plan, int relation, int column,
                            const CopyField *field);

/* Appends SQL, or a part of it, with question marks for strings and numbers. */
void mask_hide_append_sql(PQExpBuffer text, const char *sql);
/* The same of a rule: its condition has none, its count stays. */
void mask_hide_append_rule(PQExpBuffer text, const Rule *rule);

#endif
