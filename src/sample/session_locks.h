/*
 * The locks of a session, and how many of the server's lock slots they may take.
 *
 * The lock table of a server is shared by all sessions, with max_locks_per_transaction *
 * (max_connections + max_prepared_transactions) slots; a run that fills it makes
 * others fail with "out of shared memory". Reading a table takes a slot for it, its
 * partitions and each of their indexes: 5,000 tables with two indexes each need 15,000, a
 * default server has 6,400. So a run plans for at most half of the slots that are left,
 * counts pg_dump's locks as well, and otherwise reads in chunks.
 */
#ifndef SAMPLE_SESSION_LOCKS_H
#define SAMPLE_SESSION_LOCKS_H

#include "sample/session.h"

/* Lock slots for reading one relation: itself, its partitions and all indexes. */
int session_locks_count(const Relation *relation);

/*
 * Decides whether rows are read in chunks, and how many locks one may take.
 */
void session_locks_budget(Session *session, const Plan *plan);

/*
 * Locks the marked tables in the open transaction. With continue_on_error those that
 * cannot be locked are skipped, and the others, unless is_kept, are only tried.
 */
void session_locks_take(Session *session, const Plan *plan, Db *db, const bool *is_locked,
                        bool is_kept);

/* The same on the snapshot connection, for all tables that are read or dumped. */
void session_locks_take_all(Session *session, const Plan *plan);

/*
 * Locks the relation in the open transaction. Ends the program if it, or a partition of
 * it, was rewritten after the snapshot was taken: rows would be missing without an error.
 */
void session_locks_unchanged(Db *db, const Relation *relation);

#endif
