/*
 * The schema of the sample: one full pg_dump --schema-only --format=custom in the
 * snapshot of the run, filtered by its table of contents, because pg_dump's own -t and -n
 * omit what the tables need. pg_dump runs at the same time as the sampling; ddl_wait()
 * waits for it.
 *
 * The archive is read here (toc_archive.c, toc_script.c), and each pg_restore spared is
 * 5 ms. It is asked for what it alone knows: owners, tablespaces, the DROPs of --clean,
 * and archives of releases that came after this program.
 */
#ifndef DUMP_DDL_H
#define DUMP_DDL_H

#include <stdbool.h>
#include <stddef.h>

#include "db/db_relay.h"
#include "dump/toc.h"

typedef struct DdlOptions
{
    const char *pg_dump; /* programs to run */
    const char *pg_restore;
    char *const *environ; /* connects the child to the server; no secret in argv */
    DbRelay *relay;       /* the server that environ leads to, or NULL: the true one */
    const char *snapshot; /* exported snapshot, or NULL */
    const char *encoding; /* of the dump, or NULL: the server's */
    const char *lock_timeout;          /* for --lock-wait-timeout, or NULL */
    const char *const *exclude_tables; /* patterns for --exclude-table, or NULL */
    size_t n_exclude_tables;
    const char *const *exclude_schemas; /* the same for --exclude-schema */
    size_t n_exclude_schemas;
    bool owner;
    bool privileges; /* and security labels */
    bool keep_all;   /* the archive has both anyway: another run may want them */
    bool tablespaces;
    bool clean;
    bool if_exists;
    bool enable_row_security;
} DdlOptions;

typedef struct Ddl Ddl;

/*
 * The texts that the dump is made of, in this order; each ends with a newline or is
 * empty. No comment of pg_restore's with a version or a name of a database is in them,
 * and no \restrict: the same schema gives the same bytes.
 */
typedef struct DdlText
{
    char *settings; /* SET statements; client_encoding applies to names in all others */
    char *drops;    /* --clean: every DROP, in an order that works */
    char *pre_data;
    char *post_data;
} DdlText;

/*
 * Starts pg_dump; dies with EXIT_OUTPUT when that fails. A relay serves it to its end.
 * The options, and all that they point to, must live as long as the Ddl.
 */
Ddl *ddl_start(const DdlOptions *options);

/*
 * Is it what ddl_start() with these options would start, or does it differ only in that
 * its archive has more of privileges and security labels, which are removed?
 */
bool ddl_serves(const Ddl *ddl, const DdlOptions *options);

/*
 * Takes over an archive that pg_dump made in an earlier run with keep_all; no pg_dump
 * runs, and ddl_wait() has nothing to wait for. The options as above.
 */
Ddl *ddl_resume(const DdlOptions *options, int archive);

/* The file with the archive, after ddl_wait(); it stays the Ddl's. */
int ddl_get_archive(const Ddl *ddl);

/*
 * Waits for pg_dump; false when it failed, after its own messages have been shown. Dies
 * with EXIT_OUTPUT when it was killed.
 */
bool ddl_wait(Ddl *ddl) __attribute__((warn_unused_result));

/* Reads the table of contents, after ddl_wait(). Dies with EXIT_OUTPUT. */
Toc *ddl_finish(Ddl *ddl);

/*
 * The text of the entries of the table of contents that are marked as kept. May be called
 * again. Dies with EXIT_OUTPUT.
 */
void ddl_build_text(Ddl *ddl, const Toc *toc, DdlText *text);

void ddl_text_free(DdlText *text);

/* Stops pg_dump if it still runs. */
void ddl_free(Ddl *ddl);

#endif
