/*
 * Finding pg_dump and pg_restore: of the server's own major version if it is installed,
 * and never an older one, since pg_dump aborts with a newer server.
 */
#ifndef DUMP_PG_PROGRAMS_H
#define DUMP_PG_PROGRAMS_H

typedef struct PgPrograms
{
    char *pg_dump; /* owned */
    char *pg_restore;
} PgPrograms;

/*
 * server_version as of PQserverVersion(); wanted is the program the user named, or NULL.
 * Dies with EXIT_OUTPUT when there is none that fits.
 */
void pg_programs_find(PgPrograms *programs, int server_version, const char *wanted);
void pg_programs_free(PgPrograms *programs);

#endif
