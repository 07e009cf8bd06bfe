/*
 * --continue-on-error: tables that cannot be read are lost, and the run goes on without
 * them, as if they had no rows to give.
 *
 * Before the snapshot, tables that may not be read, or whose lock is not to be had, are
 * lost together with their definitions, since pg_dump cannot read them either. While rows
 * are read, an error of the server is the end of the table that was being read: what
 * depended on its rows is then done again.
 */
#ifndef SAMPLE_SKIPPED_H
#define SAMPLE_SKIPPED_H

#include "base/diag.h"
#include "db/db.h"
#include "model/plan.h"

/* Loses a table and warns of it; the detail may be NULL. */
void skipped_add(const Plan *plan, int relation, const char *reason, const char *detail);

/* By relation: is its definition to be in the dump? The caller frees it. */
bool *skipped_mark_dumped(const Plan *plan);

/* Loses the tables that are to be read, or dumped, without the privilege to do so. */
void skipped_add_unreadable(const Plan *plan);

/*
 * Locks the marked tables one by one in the open transaction, or only tries to (not
 * is_kept), and loses those whose lock is not to be had in time.
 */
void skipped_lock_tables(const Plan *plan, Db *db, const bool *is_locked, bool is_kept);

/* The plan's graph, but rows are not looked for in tables that are lost. */
const FkGraph *skipped_choose_graph(const Plan *plan);

/* Skips the table that was being read when the error of the diag came. */
void skipped_add_failed(const Plan *plan, const Relation *reading, const Diag *diag);

#endif
