/* Where the connection comes from besides options: variables, and a file. */
#include "programs/load/load_options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool
is_set(const char *variable)
{
    const char *value = getenv(variable);

    return value != NULL && *value != '\0';
}

void
load_environment_read(void)
{
    static const char *const variables[][2] = {{"DB_HOST", "PGHOST"},
                                               {"DB_PORT", "PGPORT"},
                                               {"DB_NAME", "PGDATABASE"},
                                               {"DB_USER", "PGUSER"},
                                               {"DB_PASSWORD", "PGPASSWORD"}};

    for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++)
    {
        if (is_set(variables[i][0]) && !is_set(variables[i][1]))
            setenv(variables[i][1], getenv(variables[i][0]), 1);
    }
}

bool
load_environment_read_password(const char *path, Diag *diag)
{
    FILE *file;
    char *line = NULL;
    size_t capacity = 0;
    ssize_t length = -1;

    if (path == NULL)
        return true;
    errno = 0;
    file = fopen(path, "r");
    if (file != NULL)
        length = getline(&line, &capacity, file);
    if (length >= 0)
    {
        line[strcspn(line, "\r\n")] = '\0';
        setenv("PGPASSWORD", line, 1);
        explicit_bzero(line, capacity);
    }
    else if (file == NULL || ferror(file))
        diag_set_message(diag, "could not read password file \"%s\": %s", path,
                         strerror(errno));
    else
        diag_set_message(diag, "password file \"%s\" is empty", path);
    free(line);
    if (file != NULL)
        fclose(file);
    return length >= 0;
}
