/*
 * Exit statuses of every program in this project; a number may mean one thing to
 * pg-sample and another to pg-sample-load. They are documented in the manual
 * pages; scripts depend on them.
 */
#ifndef BASE_EXITCODE_H
#define BASE_EXITCODE_H

typedef enum ExitCode
{
    EXIT_DONE = 0,         /* everything asked for was done */
    EXIT_USAGE = 1,        /* command line, rules or configuration */
    EXIT_CONNECTION = 2,   /* no connection, or the connection was lost */
    EXIT_SERVER = 3,       /* the server reported an error */
    EXIT_OUTPUT = 4,       /* output file, pipe, temporary file or child process */
    EXIT_INCONSISTENT = 5, /* the proof failed, or a budget was exceeded: no output */
    EXIT_INCOMPLETE = 6,   /* done, but without tables that could not be read */
    EXIT_UNMASKED = 7,     /* columns that must have a mask have none; no output */

    /* pg-sample-load */
    EXIT_BATCH = 4,       /* the state of a batch does not allow to load it */
    EXIT_REJECTS = 5,     /* loaded, but without rows that were rejected */
    EXIT_ROLLED_BACK = 6, /* the commit failed; the target is unchanged */
    EXIT_LOCKED = 7,      /* a lock was not available; the target is unchanged */
    EXIT_CONFLICT = 8,    /* rows are not as the load left them: no rollback */
    EXIT_UNKNOWN = 9,     /* it is unknown whether the commit was done */

    EXIT_SIGNAL_BASE = 128 /* plus the number of the signal */
} ExitCode;

#endif
