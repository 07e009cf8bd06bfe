/* Where the connection comes from besides options: variables, and a file. */
#ifndef PROGRAMS_LOAD_LOAD_ENVIRONMENT_H
#define PROGRAMS_LOAD_LOAD_ENVIRONMENT_H

#include "base/diag.h"

/* DB_HOST and so on set variables of libpq that are not set. */
void load_environment_read(void);

/*
 * The first line of the file becomes PGPASSWORD of this process; NULL is accepted. False,
 * with a message in diag, if there is none.
 */
bool load_environment_read_password(const char *path, Diag *diag)
    __attribute__((warn_unused_result));

#endif
