/*
 * CHECK constraints that can depend on other rows, because they call functions that read
 * tables (src/sql/late_checks.sql). While rows are restored one by one they can fail,
 * though all rows together satisfy them; and a sample can have too few rows to satisfy
 * them at all. So the dump drops them before the rows, and adds them again after the rows
 * as NOT VALID, so that new rows are checked, and then tries to validate them; what fails
 * stays NOT VALID, with a warning.
 *
 * They cannot just be left out, since pg_dump writes most CHECK constraints within CREATE
 * TABLE or CREATE DOMAIN.
 */
#ifndef DUMP_LATE_CHECKS_H
#define DUMP_LATE_CHECKS_H

#include "db/answers.h"
#include "dump/sink.h"
#include "dump/toc.h"

/* Asks the source, so that the answer is stored with a sample that is kept. */
void late_checks_ask(Answers *answers);

/* Leaves out those that pg_dump adds after the rows, since late_checks_write() does. */
void late_checks_leave_out(Toc *toc, Answers *answers);

/* Drops those of the tables and domains that are kept, with a notice of each. */
void late_checks_write_drops(Sink *sink, const Toc *toc, Answers *answers);

/* Adds them again, after the rows. */
void late_checks_write(Sink *sink, const Toc *toc, Answers *answers);

#endif
