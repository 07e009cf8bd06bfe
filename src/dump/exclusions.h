/*
 * Exclusion constraints of partitioned tables (src/sql/partitioned_exclusions.sql).
 * pg_dump writes one for the root and one for each partition, and then attaches the index
 * of each partition to that of the root, which the server rejects. So these entries and
 * the attachments are left out, and the constraint is added to the root, which makes
 * those of the partitions.
 */
#ifndef DUMP_EXCLUSIONS_H
#define DUMP_EXCLUSIONS_H

#include "db/answers.h"
#include "dump/sink.h"
#include "dump/toc.h"

/* Asks the source, so that the answer is stored with a sample that is kept. */
void exclusions_ask(Answers *answers);

/* Leaves out what pg_dump writes for them. */
void exclusions_leave_out(Toc *toc, Answers *answers);

/* Adds those of the tables that are kept; before foreign keys, which may need them. */
void exclusions_write(Sink *sink, const Toc *toc, Answers *answers);

#endif
