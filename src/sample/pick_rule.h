/*
 * What the rule of a pick says: which connection runs it, what an error is about, and how
 * many rows it takes.
 *
 * A percentage is turned into a number of rows. Small tables are counted for that; for
 * large ones the planner's own estimate is taken, or where there is none, one from the
 * rows in a sample of their blocks.
 *
 * The sizes of many tables are asked for with one question, and the rows of the small
 * ones counted with another, since neither depends on the sample (pick_ahead.h).
 */
#ifndef SAMPLE_PICK_RULE_H
#define SAMPLE_PICK_RULE_H

#include "sample/sample.h"
#include "sample/session.h"

enum
{
    PICK_RULE_ALL = -1,      /* rows to take */
    PICK_RULE_UNDECIDED = -2 /* how many is not known yet */
};

/* The user's SQL has a connection of its own. */
Db *pick_rule_get_reader(Session *session, const Plan *plan, const Pick *pick);

/* From now on an error is about the rule. */
void pick_rule_set_context(Db *db, const Plan *plan, const Pick *pick);

/* The number in the only row that the query returns. */
int64_t pick_rule_query_number(Db *db, const char *sql);

/* The number of rows to take, or PICK_RULE_ALL. */
int64_t pick_rule_count(Sample *sample, Session *session, const Pick *pick);

/* Do all picks of the relation, one of them at least by percentage, need only counts? */
bool pick_rule_is_countable(const Plan *plan, int relation);

/*
 * Decides for n such relations how many rows their picks take (SampleTable.pick_counts),
 * but for large tables without statistics, which are left PICK_RULE_UNDECIDED.
 */
void pick_rule_count_ahead(Sample *sample, Session *session, const int *relations, int n);

#endif
