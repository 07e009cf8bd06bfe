/*
 * The locks of a session: how many of the server's lock slots they may take, and taking
 * them.
 */
#ifndef SAMPLE_SESSION_LOCKS_H
#define SAMPLE_SESSION_LOCKS_H

#include "sample/session.h"

/* Lock slots for reading one relation: itself, its partitions and all indexes. */
int session_locks_count(const Relation *relation);

/*
 * Decides whether rows are read in chunks: the locks of a run never take more than half
 * of the lock slots that are left; pg_dump locks every table as well.
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
