#include "db/environment.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/die.h"
#include "base/mem.h"
#include "base/tempfile.h"

extern char **environ;

static void
environment_append(Environment *environment, char *entry)
{
    MEM_GROW(environment->entries, environment->capacity, environment->n_entries);
    environment->entries[environment->n_entries++] = entry;
}

/* PGTZ and PGDATESTYLE set up sessions, not connections, and are kept out too. */
static bool
environment_is_libpq(const char *entry)
{
    return strncmp(entry, "PG", 2) == 0 && strncmp(entry, "PG_COLOR", 8) != 0;
}

void
environment_init(Environment *environment)
{
    *environment = (Environment){0};
    initPQExpBuffer(&environment->service);
    for (char **entry = environ; *entry != NULL; entry++)
    {
        if (!environment_is_libpq(*entry))
            environment_append(environment, mem_copy_string(*entry));
    }
}

void
environment_set(Environment *environment, const char *variable, const char *keyword,
                const char *value)
{
    if (value == NULL || value[0] == '\0')
        return;
    if (variable != NULL)
        environment_append(environment, mem_format("%s=%s", variable, value));
    else if (strcmp(keyword, "fallback_application_name") != 0)
        appendPQExpBuffer(&environment->service, "%s=%s\n", keyword, value);
}

/* A memory file, inherited by the child; libpq opens it by its path under /proc. */
static int
environment_write_service(Environment *environment)
{
    int fd = memfd_create("pg-sample-service", 0);

    if (fd < 0)
        die_errno(EXIT_OUTPUT, "could not create a memory file");
    tempfile_write_all(fd, "a memory file", "[pg_sample]\n", strlen("[pg_sample]\n"));
    tempfile_write_all(fd, "a memory file", environment->service.data,
                       environment->service.len);
    environment_append(environment, mem_copy_string("PGSERVICE=pg_sample"));
    environment_append(environment, mem_format("PGSERVICEFILE=/proc/self/fd/%d", fd));
    return fd;
}

char **
environment_finish(Environment *environment, int *service_fd)
{
    *service_fd = -1;
    if (environment->service.len > 0)
        *service_fd = environment_write_service(environment);
    environment_append(environment, NULL);
    termPQExpBuffer(&environment->service);
    return environment->entries;
}

void
environment_free(char **entries)
{
    for (size_t i = 0; entries[i] != NULL; i++)
        free(entries[i]);
    free(entries);
}
