/*
 * Child processes, started without a shell. A child that is still running when the
 * program ends is terminated. What a child writes to standard error is shown when it
 * has ended by itself, not when this program has ended it.
 */
#ifndef BASE_CHILD_H
#define BASE_CHILD_H

#include <stddef.h>
#include <sys/types.h>

typedef struct Child
{
    pid_t pid;  /* 0 when it is not running */
    int slot;   /* of signals_register() */
    int errors; /* file that collects its standard error */
    char *name; /* for messages; owned */
} Child;

/*
 * Starts program argv[0] (looked up in PATH when it has no slash) with standard input
 * and output on the two file descriptors (-1: /dev/null) and with environment
 * environ. Dies with EXIT_OUTPUT when it cannot be started.
 */
void child_start(Child *child, char *const argv[], char *const environ[], int stdin_fd,
                 int stdout_fd);

/* Waits; returns the wait status. Ends the program when a signal came meanwhile. */
int child_wait(Child *child);

/* Waits and dies with EXIT_OUTPUT unless the child exited with 0. */
void child_wait_success(Child *child);

/*
 * Runs a program to its end and returns its output (owned by the caller,
 * zero-terminated), or NULL when it could not be run or failed.
 */
char *child_read_output(char *const argv[]);

#endif
