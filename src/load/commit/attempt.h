/*
 * One attempt at the commit: statements that can fail, and what a failure means.
 *
 * An attempt is one transaction, or one savepoint with temporary tables. Each function
 * returns false when a statement has failed, which ends the attempt; attempt->result then
 * has the class of the error, and attempt->diag the message. Nothing here ends the
 * program: commit.c decides by the result whether the attempt is repeated.
 *
 *     55P03 lock_not_available                      ATTEMPT_LOCKED
 *     40P01 deadlock, 40001 serialization failure   ATTEMPT_BEATEN
 *     23505 unique, 23P01 exclusion violation       ATTEMPT_REDIFF
 *     23503 foreign key violation                   ATTEMPT_BROKEN
 *     any other                                     ATTEMPT_FAILED
 *
 * Before each statement, statement_timeout is set to what is left of
 * --transaction-timeout, and whether the planner may hash.
 */
#ifndef LOAD_COMMIT_ATTEMPT_H
#define LOAD_COMMIT_ATTEMPT_H

#include <libpq-fe.h>

#include "base/diag.h"
#include "load/batch.h"
#include "load/commit/commit.h"
#include "load/commit/diff.h"

typedef enum AttemptResult
{
    ATTEMPT_DONE,
    ATTEMPT_LOCKED,  /* a lock was not granted in time */
    ATTEMPT_BEATEN,  /* a deadlock or a serialization failure */
    ATTEMPT_REDIFF,  /* keys are not as in the diff */
    ATTEMPT_BROKEN,  /* the same, and it is a foreign key */
    ATTEMPT_MOVED,   /* of a rollback: rows are not as in the diff */
    ATTEMPT_LOST,    /* the connection, before COMMIT */
    ATTEMPT_UNKNOWN, /* the connection, in COMMIT */
    ATTEMPT_CLAIMED, /* the batch was loaded by another session */
    ATTEMPT_FAILED
} AttemptResult;

typedef struct Attempt
{
    LoadBatch *batch;
    CommitReport *report;
    AttemptResult result; /* ATTEMPT_DONE until a statement fails */
    Diag diag;            /* the reason */
    double deadline;      /* of the transaction, in seconds of clock_seconds() */
    bool is_together; /* all changes are one statement, as foreign keys are checked at its
                         end */
    DiffJoin join;    /* in the next statement */
    double locked_since; /* the first row lock; 0: none yet */
    double exclusive_since;
} Attempt;

/* When a transaction that begins now has to end; a timeout of 0 is none. */
double attempt_find_deadline(int timeout_ms);

/* Runs a statement; false when it failed, which ends the attempt. */
bool attempt_execute(Attempt *attempt, const char *sql)
    __attribute__((warn_unused_result));
/* The same, and frees the statement. */
bool attempt_execute_free(Attempt *attempt, char *sql)
    __attribute__((warn_unused_result));
/* The number that the query returns. */
bool attempt_number(Attempt *attempt, const char *sql, int64_t *n)
    __attribute__((warn_unused_result));
/* The same for the number of rows that the statement affected. */
bool attempt_count(Attempt *attempt, const char *sql, int64_t *n)
    __attribute__((warn_unused_result));
/* The result, or NULL. */
PGresult *attempt_query(Attempt *attempt, const char *sql)
    __attribute__((warn_unused_result));

/* Static SQL whose $1 is an oid. */
PGresult *attempt_query_oid(Attempt *attempt, const char *sql, CatalogOid oid)
    __attribute__((warn_unused_result));

/* Ends the attempt with a message; returns false. */
bool attempt_fail(Attempt *attempt, AttemptResult result, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
