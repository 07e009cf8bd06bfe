/*
 * SQL of the checks. Where something is found wrong with rows, the query for it is a
 * SELECT of their records, which the others here take: to count them, to read them, and
 * to exclude them.
 *
 * Expressions of constraints and indexes stand over FROM items that have the table's name
 * and its columns, so that they mean what they mean for the table.
 *
 * Pure: no server, no output. Text is appended to a buffer of the caller's.
 */
#ifndef LOAD_CHECK_CHECK_QUERY_H
#define LOAD_CHECK_CHECK_QUERY_H

#include "base/strbuf.h"
#include "load/batch.h"

/* What a row can do wrong by itself. */
typedef enum ProblemKind
{
    PROBLEM_NULL_KEY,
    PROBLEM_NULL,   /* in a column that is NOT NULL */
    PROBLEM_CHECK,  /* a CHECK constraint is not satisfied */
    PROBLEM_OUTSIDE /* of the slice */
} ProblemKind;

typedef struct Problem
{
    ProblemKind kind;
    int number; /* of the column of the relation, or of the CHECK constraint */
} Problem;

/* Is the text of a default a constant, which can stand in a query? */
bool check_query_is_constant(const char *expression);

/*
 * Can the values of these columns be known as they will be, although the batch lacks some
 * of them? If not, what concerns them is left to the commit.
 */
bool check_query_can_see(const LoadTable *table, const int *columns, int n);
/* The same of new rows, too: there is none whose values remain unknown. */
bool check_query_can_prove(const LoadTable *table, const int *columns, int n);

/* SELECT of the number of rows, and then of those with each of the problems. */
void check_query_counts(PQExpBuffer sql, const LoadTable *table, const Problem *problems,
                        int n);
/* Records of staged rows with the problem. */
void check_query_problem(PQExpBuffer sql, const LoadTable *table, const Problem *problem);
/* Records of rows to be written that break the constraint, as they will be. */
void check_query_check(PQExpBuffer sql, const LoadTable *table, const TargetCheck *check);

/*
 * Records of rows to be written that no partition takes; condition is what they take
 * together.
 */
void check_query_stray(PQExpBuffer sql, const LoadTable *table, const char *condition);

/* SELECT count(*) of what records selects. */
void check_query_count(PQExpBuffer sql, const char *records);
/* COPY of records and the columns of the batch to the client, in order. */
void check_query_read(PQExpBuffer sql, const LoadTable *table, const char *records);
/* INSERT into the table of excluded records. */
void check_query_exclude(PQExpBuffer sql, const char *excluded, const char *records,
                         char reason);
/* DELETE of excluded rows from the diff. */
void check_query_remove(PQExpBuffer sql, const LoadTable *table);

/* Records of staged rows that lose against another row with the same key. */
void check_query_keys_duplicates(PQExpBuffer sql, const LoadTable *table);
/* SELECT of how many rows have the key of another, too many or not. */
void check_query_keys_duplicate_count(PQExpBuffer sql, const LoadTable *table);
/* SELECT of the first keys that occur twice, as text, and of two records for each. */
void check_query_keys_duplicate_keys(PQExpBuffer sql, const LoadTable *table);

/* Records of rows that take a unique value of a row that stays, or of an earlier one. */
void check_query_keys_unique(PQExpBuffer sql, const LoadTable *table,
                             const TargetKey *key);
/*
 * SELECT of how many rows take the value of one that is deleted, how many updated ones
 * that of another updated one, and two records of these. Needs a diff and a key.
 */
void check_query_keys_taken(PQExpBuffer sql, const LoadTable *table,
                            const TargetKey *key);
/* SELECT of how many new rows have a key that the target has, and the first such key. */
void check_query_keys_foreign_scope(PQExpBuffer sql, const LoadTable *table);
/* SELECT of how many updated rows change a column of the partition key. */
void check_query_references_moved(PQExpBuffer sql, const LoadTable *table);

/* Has the key a PERIOD, its last pair of columns (server 18)? */
bool check_query_references_has_period(const ForeignKey *foreign_key);

/*
 * Records of rows without a referenced row, or whose period those do not cover;
 * referenced is the table of the batch that the key refers to, or NULL when that is not
 * loaded.
 */
void check_query_references_orphans(PQExpBuffer sql, const Catalog *catalog,
                                    const LoadTable *table, const ForeignKey *foreign_key,
                                    const LoadTable *referenced);
/* SELECT of how many rows stay behind that refer to rows of the table to be deleted. */
void check_query_references_children(PQExpBuffer sql, const Catalog *catalog,
                                     const LoadTable *table,
                                     const ForeignKey *foreign_key,
                                     const LoadTable *referencing);

/* SELECT of how many rows the table, or the slice, has, and how many of them go. */
void check_query_references_deletes(PQExpBuffer sql, const LoadTable *table);
/* SELECT of how many rejected rows have the key of a deleted one; without a diff. */
void check_query_references_lost(PQExpBuffer sql, const LoadTable *table);
/* SELECT of how many rows of the diff have the operation. */
void check_query_references_operations(PQExpBuffer sql, const LoadTable *table,
                                       char operation);

#endif
