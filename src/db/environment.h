/*
 * The environment of a child process that is to reach the same server. Secrets
 * travel here and never in an argument list, which every user of the machine can read.
 */
#ifndef DB_ENVIRONMENT_H
#define DB_ENVIRONMENT_H

#include <stddef.h>

#include "base/strbuf.h"

typedef struct Environment
{
    char **entries; /* NAME=value, zero-terminated by environment_finish() */
    size_t n_entries;
    size_t capacity;
    PQExpBufferData service; /* parameters that have no variable */
} Environment;

/* Starts with the environment of this program, without any variable of libpq. */
void environment_init(Environment *environment);

/*
 * Adds one connection parameter: in its variable, or in the service file where variable
 * is NULL. A value that is NULL or empty is passed over.
 */
void environment_set(Environment *environment, const char *variable, const char *keyword,
                     const char *value);

/*
 * Ends with the finished array, owned by the caller. *service_fd is the descriptor of the
 * service file, to be kept open until the child has read it, or -1 if there is none.
 */
char **environment_finish(Environment *environment, int *service_fd);

void environment_free(char **entries);

#endif
