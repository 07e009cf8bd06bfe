/*
 * SQL of the checks. A check of rows is a SELECT of the records that fail, which other
 * functions make into a query that counts, reads or excludes them:
 *
 *     check_query_problem()  SELECT _pg_sample_load_record AS record FROM ... WHERE ...
 *     check_query_count()    SELECT count(*) FROM (that)
 *     check_query_exclude()  INSERT INTO the table of excluded records SELECT ... (that)
 *
 * So no row is sent to the client unless it is rejected.
 *
 * Three sets of rows occur: staged rows that are not excluded; rows to be written, with
 * the columns that the batch lacks (from the target's row, or a constant default); and
 * rows of the target that remain. Expressions of constraints and indexes are evaluated
 * over subqueries that have the name and the columns of the table, so that they need not
 * be changed.
 *
 * Pure: no server, no output. Text is appended to a buffer of the caller's.
 */
#ifndef LOAD_CHECK_CHECK_QUERY_H
#define LOAD_CHECK_CHECK_QUERY_H

#include "base/strbuf.h"
#include "load/batch.h"

/* What can be wrong with a row by itself. */
typedef enum ProblemKind
{
    PROBLEM_NULL_KEY,
    PROBLEM_NULL,   /* in a column that is NOT NULL */
    PROBLEM_CHECK,  /* a CHECK constraint is not satisfied */
    PROBLEM_OUTSIDE /* of the scope */
} ProblemKind;

typedef struct Problem
{
    ProblemKind kind;
    int number; /* of the column of the relation, or of the CHECK constraint */
} Problem;

/*
 * Are the values of these columns known as they will be written, although the batch lacks
 * some of them? If not, constraints over them are only checked by the commit.
 */
bool check_query_can_see(const LoadTable *table, const int *columns, int n);
/* The same, and of all rows: there is no new one whose values are unknown. */
bool check_query_can_prove(const LoadTable *table, const int *columns, int n);

/* SELECT of the number of rows, and then of those with each of the problems. */
void check_query_counts(PQExpBuffer sql, const LoadTable *table, const Problem *problems,
                        int n);
/* Records of staged rows with the problem. */
void check_query_problem(PQExpBuffer sql, const LoadTable *table, const Problem *problem);
/* Records of rows to be written with NULL in the column. */
void check_query_null(PQExpBuffer sql, const LoadTable *table, int column);
/* Records of rows to be written that violate the constraint. */
void check_query_check(PQExpBuffer sql, const LoadTable *table, const TargetCheck *check);

/*
 * Records of rows to be written that belong to no partition; the condition is that of all
 * partitions.
 */
void check_query_stray(PQExpBuffer sql, const LoadTable *table, const char *condition);

/* SELECT count(*) of what records selects. */
void check_query_count(PQExpBuffer sql, const char *records);
/* COPY of records and the columns of the batch to the client, in order. */
void check_query_read(PQExpBuffer sql, const LoadTable *table, const char *records);
/* INSERT into the table of excluded records; 0: records has the reasons, too. */
void check_query_exclude(PQExpBuffer sql, const char *excluded, const char *records,
                         char reason);
/* DELETE of excluded rows from the diff. */
void check_query_remove(PQExpBuffer sql, const LoadTable *table);

/* Records of all staged rows but one with the same key. */
void check_query_keys_duplicates(PQExpBuffer sql, const LoadTable *table);
/* Records of keys with several, to be folded, with their reasons; how many keys. */
void check_query_keys_folded(PQExpBuffer sql, const LoadTable *table);
void check_query_keys_folded_count(PQExpBuffer sql, const LoadTable *table);
/* SELECT of how many rows have the key of another row. */
void check_query_keys_duplicate_count(PQExpBuffer sql, const LoadTable *table);
/* SELECT of the first duplicate keys, as text, and of two records for each. */
void check_query_keys_duplicate_keys(PQExpBuffer sql, const LoadTable *table);

/*
 * Records of rows with a unique value of an earlier row, or, with has_target, of a row of
 * the target that remains.
 */
void check_query_keys_unique(PQExpBuffer sql, const LoadTable *table,
                             const TargetKey *key, bool has_target);
/*
 * SELECT of how often a row that is new or gets another unique value has that of a row of
 * the target, and that of another row to be written. Needs a diff and a key.
 */
void check_query_keys_met(PQExpBuffer sql, const LoadTable *table, const TargetKey *key);
/*
 * SELECT of how many rows have the value of a deleted row, how many updated rows that of
 * another updated row, and two records of these. Needs a diff and a key.
 */
void check_query_keys_taken(PQExpBuffer sql, const LoadTable *table,
                            const TargetKey *key);
/* SELECT of how many new rows have a key of the target, and of the first such key. */
void check_query_keys_foreign_scope(PQExpBuffer sql, const LoadTable *table);
/* SELECT of how many updated rows change a column of the partition key. */
void check_query_references_moved(PQExpBuffer sql, const LoadTable *table);

/* Whose value is immutable: that of the target's row, or of a key's first record. */
typedef enum ImmutableBase
{
    IMMUTABLE_BASE_TARGET,
    IMMUTABLE_BASE_BATCH
} ImmutableBase;

/* Records with another value for the column, as record, old and new value. */
void check_query_immutable(PQExpBuffer sql, const LoadTable *table, ImmutableBase base,
                           int column);
/* The first n of them; a COPY of all with the columns of the batch; records alone. */
void check_query_immutable_shown(PQExpBuffer sql, const char *changes, int n);
void check_query_immutable_read(PQExpBuffer sql, const LoadTable *table,
                                const char *changes);
void check_query_immutable_records(PQExpBuffer sql, const char *changes);

/* Has the key a PERIOD, its last pair of columns (server 18)? */
bool check_query_references_has_period(const ForeignKey *foreign_key);

/*
 * Records of rows without a referenced row, or whose period the referenced rows do not
 * cover; referenced is the referenced table in the batch, or NULL.
 */
void check_query_references_orphans(PQExpBuffer sql, const Catalog *catalog,
                                    const LoadTable *table, const ForeignKey *foreign_key,
                                    const LoadTable *referenced);
/* SELECT of how many rows that remain refer to rows of the table to be deleted. */
void check_query_references_children(PQExpBuffer sql, const Catalog *catalog,
                                     const LoadTable *table,
                                     const ForeignKey *foreign_key,
                                     const LoadTable *referencing);

/* SELECT of how many rows the table or scope has, and how many are to be deleted. */
void check_query_references_deletes(PQExpBuffer sql, const LoadTable *table);
/* SELECT of how many rejected rows have the key of a deleted one; without a diff. */
void check_query_references_lost(PQExpBuffer sql, const LoadTable *table);
/* SELECT of how many rows of the diff have the operation. */
void check_query_references_operations(PQExpBuffer sql, const LoadTable *table,
                                       char operation);

/* Pieces that the queries of check_query.h share. Pure: no server, no output. */
#define CHECK_INSIDE "_pg_sample_load_inside"

/* Has the row of the diff this operation, or one of "I,U"? */
#define CHECK_IS(alias, operation)                                                       \
    alias "." OP_COLUMN " OPERATOR(pg_catalog.=) '" operation "'"
#define CHECK_IS_ANY(alias, operations)                                                  \
    alias "." OP_COLUMN " OPERATOR(pg_catalog.=) ANY ('{" operations "}')"

/* The quoted name of the table without its schema, as in expressions. */
const char *check_query_alias(const Target *target);

/* The key's comparison of two aliases whose columns have their own names. */
void check_query_append_key_match(PQExpBuffer sql, const TargetKey *key, const char *left,
                                  const char *right);

/* "(SELECT ...) AS alias": staged rows that are not excluded. */
void check_query_append_staged(PQExpBuffer sql, const LoadTable *table,
                               const char *alias);

/*
 * "(SELECT ...) AS alias": rows to be written, with their record and operation, the
 * batch's columns, and those of the n columns that the batch lacks.
 */
void check_query_append_written(PQExpBuffer sql, const LoadTable *table,
                                const int *columns, int n, const char *alias);

/*
 * "(SELECT ...) AS alias": rows of the target that are not deleted; with a diff, and not
 * updated, and those that are soft-deleted with their mark.
 */
void check_query_append_kept(PQExpBuffer sql, const LoadTable *table, const char *alias);

/* The same, with rows that are updated as they are before. */
void check_query_append_left(PQExpBuffer sql, const LoadTable *table, const char *alias);

#endif
