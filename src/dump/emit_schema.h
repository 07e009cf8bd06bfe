/* The parts of the schema that we write ourselves, after pg_dump's. */
#ifndef DUMP_EMIT_SCHEMA_H
#define DUMP_EMIT_SCHEMA_H

#include "dump/sink.h"
#include "dump/toc.h"
#include "model/plan.h"
#include "sample/proof.h"

/*
 * Will we write this key, instead of pg_dump, because the source itself breaks it, or a
 * table that is lost?
 */
bool emit_schema_is_broken_key(const Plan *plan, const Proof *proof, int foreign_key);

/* Can it be written as NOT VALID? Before server 18, not on a partitioned table. */
bool emit_schema_can_write_broken_key(const Catalog *catalog, const ForeignKey *key);

/* ADD CONSTRAINT ... NOT VALID for such keys. */
void emit_schema_broken_keys(Sink *sink, const Plan *plan, const Proof *proof);

/*
 * REFRESH for the materialized views that were populated in the source, each after those
 * that it reads; not for those of which --exclude-table-data wants no data. It comes
 * after the COMMIT: one that fails there stays unpopulated, and nothing else is lost.
 */
void emit_schema_refreshes(Sink *sink, const Plan *plan, const Toc *toc);

#endif
