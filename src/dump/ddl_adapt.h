/*
 * Makes pg_restore's statements fit for databases in which an administrator has prepared
 * what an ordinary role cannot make, and for servers of other minor releases.
 *
 * Pure: no server, no output.
 */
#ifndef DUMP_DDL_ADAPT_H
#define DUMP_DDL_ADAPT_H

/*
 * The same script, in an encoding in which no part of a character looks like a backslash,
 * owned by the caller, but:
 * - a schema is created unless it is there, and no privilege is needed if it is;
 * - a comment on an extension or a schema that belongs to others is skipped;
 * - options of columns that a server keeps for itself (their names begin with "pg_") are
 *   not set.
 */
char *ddl_adapt(const char *ddl);

#endif
