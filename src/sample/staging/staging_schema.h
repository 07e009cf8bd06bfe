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

#define STAGE_MARK "pg-sample staging schema"
/* The mark of one that is to stay; it outlives a crash, which empties the manifest. */
#define STAGE_MARK_KEPT STAGE_MARK ", kept"

/*
 * Takes the lock and makes the schema with its manifest. One that is there already is
 * dropped if it is forced, ends the program if staging was asked for, and is a reason to
 * do without it otherwise.
 */
void stage_schema_create(Stage *stage);

/* Drops it, table by table; to be called at exit: tells of what it cannot do. */
void stage_schema_drop_own(Stage *stage);

/* The same for any schema that carries the mark and is trusted. Dies when it fails. */
void stage_schema_drop(Db *db, const char *qschema);

/* What is to be done with a schema of that name. */
typedef enum StageUse
{
    STAGE_CREATE,
    STAGE_DROP,
    STAGE_LIST,  /* its table manifest_run is read */
    STAGE_RESUME /* all of its tables are */
} StageUse;

/* As trust_ask(). */
SchemaTrust stage_schema_trust(Db *db, const char *schema, StageUse use, char **comment,
                               Diag *diag) __attribute__((warn_unused_result));

/* Takes the lock; false when somebody has it. */
bool stage_schema_lock(Db *db, const char *schema);
void stage_schema_unlock(Db *db, const char *schema);

#endif
