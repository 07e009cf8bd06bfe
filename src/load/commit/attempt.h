/*
 * One attempt at the commit: statements that may fail, and what their failure means.
 */
#ifndef LOAD_COMMIT_ATTEMPT_H
#define LOAD_COMMIT_ATTEMPT_H

#include <libpq-fe.h>

#include "base/diag.h"
#include "load/batch.h"
#include "load/commit/commit.h"

typedef enum AttemptResult
{
    ATTEMPT_DONE,
    ATTEMPT_LOCKED,  /* a lock was not to be had in time */
    ATTEMPT_BEATEN,  /* a deadlock or a serialization failure */
    ATTEMPT_REDIFF,  /* keys are not as the diff has them */
    ATTEMPT_BROKEN,  /* the same, and it is a foreign key */
    ATTEMPT_LOST,    /* the connection, before COMMIT */
    ATTEMPT_UNKNOWN, /* the connection, in COMMIT */
    ATTEMPT_FAILED
} AttemptResult;

typedef struct Attempt
{
    LoadBatch *batch;
    CommitReport *report;
    AttemptResult result; /* ATTEMPT_DONE while all goes well */
    Diag diag;            /* why not */
    double deadline;      /* of the transaction, in seconds of clock_seconds() */
    bool is_together; /* all changes are one statement, as foreign keys are checked at its
                         end */
    double locked_since; /* the first row lock; 0: none yet */
    double exclusive_since;
} Attempt;

/* Runs a statement; false when it failed, which ends the attempt. */
bool attempt_execute(Attempt *attempt, const char *sql)
    __attribute__((warn_unused_result));
/* The same, and frees the statement. */
bool attempt_execute_free(Attempt *attempt, char *sql)
    __attribute__((warn_unused_result));
/* The one number that the query gives. */
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

/* Ends the attempt with a message of our own; returns false. */
bool attempt_fail(Attempt *attempt, AttemptResult result, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
