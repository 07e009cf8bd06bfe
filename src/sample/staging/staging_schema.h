/*
 * The staging schema itself: made, marked, locked, described and dropped.
 *
 * Its mark is the beginning of its comment; only a schema of our own role (db/trust.h)
 * that has it is ever dropped. An advisory lock that the keeper holds as long as it lives
 * says that a run is using it.
 */
#ifndef SAMPLE_STAGING_STAGING_SCHEMA_H
#define SAMPLE_STAGING_STAGING_SCHEMA_H

#include "db/trust.h"
#include "sample/staging/staging.h"

#define STAGING_MARK "pg-sample staging schema"
/* The mark of one that is to stay; it outlives a crash, which empties the manifest. */
#define STAGING_MARK_KEPT STAGING_MARK ", kept"

/*
 * Takes the lock and makes the schema with its manifest. One that is there already is
 * dropped if it is forced, ends the program if staging was asked for, and is a reason to
 * do without it otherwise.
 */
void staging_schema_create(Staging *staging);

/* How many staging tables a transaction may create or drop: each takes lock slots. */
int staging_schema_count_at_once(const Staging *staging);

/* Drops it, table by table; to be called at exit: tells of what it cannot do. */
void staging_schema_drop_own(Staging *staging);

/* The same for any schema that carries the mark and is trusted. Dies when it fails. */
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

/* Takes the lock; false when somebody has it. */
bool staging_schema_lock(Db *db, const char *schema);
void staging_schema_unlock(Db *db, const char *schema);

#endif
