/*
 * --continue-on-error: tables that cannot be read are skipped, and the run goes on as if
 * they had no rows.
 *
 * Before the snapshot, tables without the SELECT privilege, and tables that cannot be
 * locked in time, are skipped together with their definitions, since pg_dump cannot read
 * them either. While rows are read, an error of the server means that the table that was
 * being read is skipped; its definition stays. What depended on its rows is then sampled
 * again, without it: in direct mode everything, in staging mode the component.
 *
 * Foreign keys that refer to a skipped table are not followed; the dump writes them NOT
 * VALID.
 */
#ifndef SAMPLE_SKIPPED_H
#define SAMPLE_SKIPPED_H

#include "base/diag.h"
#include "db/db.h"
#include "model/plan.h"

/* Skips a table and warns of it; the detail may be NULL. */
void skipped_add(const Plan *plan, int relation, const char *reason, const char *detail);

/* By relation: is its definition to be in the dump? The caller frees it. */
bool *skipped_mark_dumped(const Plan *plan);

/* Skips the tables that should be read or dumped, but without the privilege to do so. */
void skipped_add_unreadable(const Plan *plan);

/*
 * Locks the marked tables one by one in the open transaction, or only tries to (not
 * is_kept), and skips those that cannot be locked in time.
 */
void skipped_lock_tables(const Plan *plan, Db *db, const bool *is_locked, bool is_kept);

/* The plan's graph without skipped tables. */
const FkGraph *skipped_choose_graph(const Plan *plan);

/* Skips the table that was being read when the error of the diag came. */
void skipped_add_failed(const Plan *plan, const Relation *reading, const Diag *diag);

#endif
