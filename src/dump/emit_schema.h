/* The parts of the schema that are not pg_dump's, after its own. */
#ifndef DUMP_EMIT_SCHEMA_H
#define DUMP_EMIT_SCHEMA_H

#include "dump/sink.h"
#include "dump/toc.h"
#include "model/plan.h"
#include "sample/proof.h"

/*
 * Is the key written here, instead of by pg_dump, because the rows of the source do not
 * satisfy it, or it refers to a skipped table?
 */
bool emit_schema_is_broken_key(const Plan *plan, const Proof *proof, int foreign_key);

/* Can it be written as NOT VALID? Before server 18, not on a partitioned table. */
bool emit_schema_can_write_broken_key(const Catalog *catalog, const ForeignKey *key);

/* ADD CONSTRAINT ... NOT VALID for such keys. */
void emit_schema_broken_keys(Sink *sink, const Plan *plan, const Proof *proof);

/*
 * REFRESH for the materialized views that were populated in the source, each after those
 * that it reads; not for those that --exclude-table-data matches. It comes after the
 * COMMIT, so that a view that fails there stays unpopulated and all rows are restored.
 */
void emit_schema_refreshes(Sink *sink, const Plan *plan, const Toc *toc);

#endif
