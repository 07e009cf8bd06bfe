/*
 * Adapts pg_restore's statements to databases in which an administrator has prepared what
 * an ordinary role cannot make, and to servers of other minor releases.
 *
 * The script is not parsed as SQL. It is split into statements (base/sqlscript.h), which
 * are known by how they begin, since pg_restore writes each of them in one form only; a
 * statement that is not known stays as it is. What can fail becomes a DO block with a
 * condition or an exception handler. For example
 *
 *     CREATE SCHEMA app;
 *
 * becomes
 *
 *     DO $schema$ BEGIN
 *     IF pg_catalog.to_regnamespace('app') IS NULL THEN
 *         CREATE SCHEMA app;
 *     END IF;
 *     END $schema$;
 *
 * Pure: no server, no output.
 */
#ifndef DUMP_DDL_ADAPT_H
#define DUMP_DDL_ADAPT_H

/*
 * The same script, in an encoding in which no byte of a multibyte character is a
 * backslash, owned by the caller, but:
 *
 *     - a schema is created unless it exists, and needs no privilege if it does;
 *     - a comment on an extension or a schema of another owner is skipped;
 *     - options of columns that servers reserve (their names begin with "pg_") are
 *       not set.
 */
char *ddl_adapt(const char *ddl);

#endif
