/*
 * The set P: the rows that the limit rules take. The plan has assigned a list of picks, a
 * rule with its table or partition, to each relation.
 *
 * Which rows a pick takes does not depend on the planner: the first n of a sequential
 * scan, by key with --ordered, uniformly with --random (random.h), or by a hash of the
 * key with --random=stable. A percentage is turned into a number of rows first
 * (pick_rule.h).
 *
 * Rows are read in one of three ways, from the cheapest:
 * 1. without a condition, one statement selects and fetches them (query_pick_rows());
 * 2. with a condition, which is the user's SQL and so runs on the user's connection, a
 *    query returns row ids, and the rows are fetched by these on the other connection;
 * 3. where the choice among the row ids is made here (--random), all ids come first.
 *
 * Example: --limit='orders = 10% where paid' counts the paid orders, and takes the first
 * tenth of them.
 */
#ifndef SAMPLE_PICK_H
#define SAMPLE_PICK_H

#include "sample/sample.h"
#include "sample/session.h"

/*
 * Checks each condition against the tables of its rule; ends the program with a message
 * that names the rule when it is not a boolean expression there.
 */
void pick_check_conditions(Session *session, const Plan *plan);

/*
 * The ids of the rows that a pick takes, in an array for bigmem_free(); NULL if there
 * are none.
 */
RowId *pick_row_ids(Sample *sample, Session *session, const Pick *pick, size_t *n_ids);

/*
 * Are all rows of the relation's picks, of which there is one at least, picked by
 * statements that do not depend on answers of the server? Such statements of many
 * relations can be sent at once (pick_ahead.h).
 */
bool pick_is_plain(const Sample *sample, int relation);

/* Such a statement: that of the relation's pick with this number. */
void pick_append_plain(PQExpBuffer sql, const Sample *sample, int relation, int pick);

/*
 * Have all rows been picked that the source has? False as well where that is not known
 * from the rule and the number of rows.
 */
bool pick_took_all(const Sample *sample, int relation);

/* The relation's rows are its picked ones. */
void pick_settle(Sample *sample, int relation);

/* Takes the relation's picked rows into the sample. */
void pick_rows(Sample *sample, Session *session, int relation);

#endif
