/*
 * The staging schema: created, marked, locked and dropped.
 *
 * Its comment begins with a mark. Only a schema that has it, and that belongs to the
 * session's own role with all that is in it (db/trust.h), is ever dropped: anybody may
 * write such a comment, or create a schema of that name first.
 *
 * The staging connection holds an advisory lock as long as it exists, which shows others
 * that a run uses the schema; it ends with the session, so that the schema of a run that
 * was killed can be dropped. A row in a table would stay.
 *
 * Each table that is created or dropped takes lock slots, so a transaction does it with
 * some tables at a time, and not DROP SCHEMA CASCADE with all.
 */
#ifndef SAMPLE_STAGING_STAGING_SCHEMA_H
#define SAMPLE_STAGING_STAGING_SCHEMA_H

#include "db/trust.h"
#include "sample/staging/staging.h"

#define STAGING_MARK "pg-sample staging schema"
/* The mark of one that is kept; it stays after a crash, which empties the manifest. */
#define STAGING_MARK_KEPT STAGING_MARK ", kept"

/*
 * Takes the lock and creates the schema with its manifest. One that exists is dropped
 * with --force; otherwise it ends the program if staging was requested, else staging.
 */
void staging_schema_create(Staging *staging);

/* How many staging tables a transaction may create or drop: each takes lock slots. */
int staging_schema_count_at_once(const Staging *staging);

/* Drops it, some tables at a time, at exit: what fails is a warning. */
void staging_schema_drop_own(Staging *staging);

/* The same for any schema that has the mark and is trusted. Errors end the program. */
void staging_schema_drop(Db *db, const char *qschema);

/* What is to be done with a schema of that name. */
typedef enum StagingUse
{
    STAGING_CREATE,
    STAGING_DROP,
    STAGING_LIST,  /* its table manifest_run is read */
    STAGING_RESUME /* all of its tables are */
} StagingUse;

/* As trust_ask(). */
SchemaTrust staging_schema_trust(Db *db, const char *schema, StagingUse use,
                                 char **comment, Diag *diag)
    __attribute__((warn_unused_result));

/* Takes the lock; false: another session has it. */
bool staging_schema_lock(Db *db, const char *schema);
void staging_schema_unlock(Db *db, const char *schema);

#endif
