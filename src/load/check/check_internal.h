/* What the files of check.h share: queries of records, executed. */
#ifndef LOAD_CHECK_CHECK_INTERNAL_H
#define LOAD_CHECK_CHECK_INTERNAL_H

#include "load/check/check.h"
#include "load/check/check_query.h"

/* One number. */
int64_t check_records_count_rows(Db *db, const char *sql);
/* How many records the query selects. */
int64_t check_records_count(Db *db, const char *records);

/* Runs a statement and returns how many rows it wrote. */
int64_t check_records_execute(Db *db, const char *sql);

/* Where the record comes from, "x.csv, record 2"; owned by the caller. */
char *check_records_describe(const LoadBatch *batch, int64_t record);

/* Rejects the records that the query selects, with the members of like. */
void check_records_reject(LoadBatch *batch, LoadTable *table, Rejects *rejects,
                          const char *records, const Reject *like);

/*
 * Adds the records that the query selects to the table of excluded records, which is
 * created when it is needed, and removes them from the diff. Returns how many there were.
 * The query selects the reasons, too, if reason is 0.
 */
int64_t check_records_exclude(LoadBatch *batch, LoadTable *table, const char *records,
                              char reason);

/* Both: rejects the records, and excludes them. */
int64_t check_records_remove(LoadBatch *batch, LoadTable *table, Rejects *rejects,
                             const char *records, const Reject *like);

/* Parts of check_rows(), check_references(). */
void check_immutable(LoadBatch *batch, LoadTable *table, ImmutableBase base,
                     Rejects *rejects);
void check_keys_duplicates(LoadBatch *batch, LoadTable *table, Rejects *rejects,
                           Findings *findings);
int64_t check_written(LoadBatch *batch, LoadTable *table, Rejects *rejects);
int64_t check_keys_unique(LoadBatch *batch, LoadTable *table, Rejects *rejects);
int64_t check_partitions(LoadBatch *batch, LoadTable *table, Rejects *rejects);
void check_keys_taken(LoadBatch *batch, LoadTable *table, Findings *findings);

/* ---- what a rollback checks as well */

/* NOT NULL columns without a default, which only rows that are updated can lack. */
void check_references_absent(LoadBatch *batch, const LoadTable *table,
                             Findings *findings);
/* Rows that change their partition, where the server would delete and insert them. */
void check_references_moved(LoadBatch *batch, const LoadTable *table, Findings *findings);
/* Can the foreign key be checked? Those of single partitions are not. */
bool check_references_can(const LoadBatch *batch, const LoadTable *table,
                          const ForeignKey *foreign_key);
/* The same of a unique key besides the table's own. */
bool check_keys_can(const LoadTable *table, const TargetKey *key);

#endif
