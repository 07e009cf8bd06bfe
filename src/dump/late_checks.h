/*
 * CHECK constraints that may look at other rows (src/sql/late_checks.sql). While rows are
 * restored one by one they can fail, though all rows together satisfy them; and a sample
 * may have too few rows to satisfy them at all. So they are taken away before the rows,
 * and come back behind them as NOT VALID, which the restore then tries to change.
 */
#ifndef DUMP_LATE_CHECKS_H
#define DUMP_LATE_CHECKS_H

#include "db/answers.h"
#include "dump/sink.h"
#include "dump/toc.h"

/* Asks the source, so that the answer is stored with a sample that is kept. */
void late_checks_ask(Answers *answers);

/* Leaves out those that pg_dump adds behind the rows: we do. */
void late_checks_leave_out(Toc *toc, Answers *answers);

/* Takes away those of the tables and domains that are kept, with a notice of each. */
void late_checks_write_drops(Sink *sink, const Toc *toc, Answers *answers);

/* Adds them again, behind the rows. */
void late_checks_write(Sink *sink, const Toc *toc, Answers *answers);

#endif
