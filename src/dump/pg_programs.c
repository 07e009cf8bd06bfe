#include "dump/pg_programs.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/child.h"
#include "base/die.h"
#include "base/mem.h"

enum
{
    NEWER_MAJORS_TRIED = 6
};

/* Major version that "PROGRAM --version" prints, or 0 if it cannot be run. */
static int
get_major(char *program)
{
    char option[] = "--version";
    char *argv[] = {program, option, NULL};
    char *text = child_read_output(argv);
    int major = 0;

    for (const char *c = text; c != NULL && *c != '\0' && major == 0; c++)
    {
        if (isdigit((unsigned char)*c))
            major = (int)strtol(c, NULL, 10);
    }
    free(text);
    return major;
}

/* pg_restore beside the pg_dump that was found. */
static char *
find_sibling(const char *pg_dump)
{
    const char *slash = strrchr(pg_dump, '/');

    if (slash == NULL)
        return mem_copy_string("pg_restore");
    return mem_format("%.*s/pg_restore", (int)(slash - pg_dump), pg_dump);
}

static void
take_program(PgPrograms *programs, char *program)
{
    programs->pg_dump = program;
    programs->pg_restore = find_sibling(program);
}

/* Takes the program if it is new enough; releases it otherwise. */
static int
try_program(PgPrograms *programs, char *program, int server_major)
{
    int major = get_major(program);

    if (major < server_major)
    {
        free(program);
        return major;
    }
    take_program(programs, program);
    return major;
}

/* Takes the one of Debian's directory of a version, whose name says what it would say. */
static void
try_installed(PgPrograms *programs, int major)
{
    char *program = mem_format("/usr/lib/postgresql/%d/bin/pg_dump", major);

    if (access(program, X_OK) == 0)
        take_program(programs, program);
    else
        free(program);
}

static _Noreturn void
die_not_found(const char *program, int major, int server_major)
{
    char *hint = mem_format("Install the client programs of PostgreSQL %d or newer, or "
                            "name pg_dump with --pg-dump.",
                            server_major);

    if (major == 0)
        die_hint(EXIT_OUTPUT, hint, "could not run %s", program);
    die_hint(EXIT_OUTPUT, hint, "%s is of version %d, older than the server's %d",
             program, major, server_major);
}

void
pg_programs_find(PgPrograms *programs, int server_version, const char *wanted)
{
    int server_major = server_version / 10000;
    int found;

    *programs = (PgPrograms){0};
    if (wanted != NULL)
    {
        found = try_program(programs, mem_copy_string(wanted), server_major);
        if (programs->pg_dump == NULL)
            die_not_found(wanted, found, server_major);
        return;
    }
    try_installed(programs, server_major);
    if (programs->pg_dump != NULL)
        return;
    found = try_program(programs, mem_copy_string("pg_dump"), server_major);
    for (int newer = 1; newer <= NEWER_MAJORS_TRIED && programs->pg_dump == NULL; newer++)
        try_installed(programs, server_major + newer);
    if (programs->pg_dump == NULL)
        die_not_found("pg_dump", found, server_major);
}

void
pg_programs_free(PgPrograms *programs)
{
    free(programs->pg_dump);
    free(programs->pg_restore);
    *programs = (PgPrograms){0};
}
