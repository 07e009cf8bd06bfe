/*
 * The claim of a run on a batch with an id: which tables of it are to be loaded, and what
 * is kept of it in the database, so that a batch is loaded once.
 *
 *     claim_take         the advisory lock of the id: one run at a time has the batch
 *     claim_other_find   validation_queue and batch_load_log of the user, if any
 *     claim_compare      the table batch: what is loaded already, or something else
 *     claim_other_check  what the validation queue says
 *     ... the rows are staged, and the hashes of what was read are compared ...
 *     claim_format_...   statements in the transaction of the commit
 *     claim_fail         after a failure, in a transaction of its own
 *
 * A row of the table batch is about one table of a batch:
 *
 *     (none) ---------------- commit ----> committed    same contents: loaded already
 *        | `-- --approve --> approved -- commit --^     others: refused, but for --force
 *        `---- an error ---> failed ---- commit --^
 *
 * The commit writes it in its own transaction, by a statement that affects one row only
 * if the state is still what it was when the claim was made. The lock makes a second run
 * end at once; the row is what prevents a second load, also after a lost connection.
 */
#ifndef LOAD_REGISTRY_CLAIM_H
#define LOAD_REGISTRY_CLAIM_H

#include "base/strbuf.h"
#include "load/batch.h"
#include "load/source/discover_batch.h"
#include "load/source/manifest.h"

/* A table of the batch. */
typedef struct ClaimTable
{
    BatchDirectory files;
    int relation; /* index in the catalog */
    const char *name;
    const char *qname;
    const char *options; /* JSON: what decides, besides the files, what is loaded */
    Manifest manifest;   /* of the files as they were read last */
    bool is_hashed;      /* the manifest is set */
    bool is_loaded;      /* before, with the same contents */
    bool is_replaced;    /* --force loads it again ... */
    const char *old_run; /* ... after this run, or NULL: a row that no run has written */
    int first_source;    /* in the batch's sources */
} ClaimTable;

typedef struct Claim
{
    const char *id;
    const char *path; /* of the batch's directory */
    ClaimTable *tables;
    int n_tables;
    char *encoding;       /* of the connection, also when that is lost; owned */
    char *lock;           /* the argument of the advisory lock's functions; owned */
    const char *log;      /* the table batch_load_log, in SQL */
    int log_error_size;   /* characters that its error_message takes; 0: any number */
    const char *queue;    /* the table validation_queue, in SQL, or NULL */
    bool is_rollback;     /* it is undone, not loaded */
    bool is_refused;      /* the state of the batch ends the run: it is no failure */
    bool is_known_failed; /* claim_fail() was called */
} Claim;

/* Is only what is approved to be loaded? */
static inline bool
claim_needs_approval(const LoadBatch *batch)
{
    const LoadSettings *settings = batch->settings;

    return settings->require_approval && !settings->is_forced &&
           settings->dry_run == DRY_RUN_NO;
}

/* ---- claim.c */

/* Ends the program with EXIT_BATCH if another session has the batch. */
void claim_take(LoadBatch *batch);
/* The same on a new connection, without ending it: false with diag. */
bool claim_take_again(LoadBatch *batch, Diag *diag) __attribute__((warn_unused_result));

/*
 * Compares each table with what is known of it, and sets is_loaded and old_run.
 * Files are read where there is something to compare with. Ends the program with
 * EXIT_BATCH if other contents were loaded, or an approval is missing.
 */
void claim_compare(LoadBatch *batch);

/* Sets the manifests by batch->hashes; ends the program if files have changed. */
void claim_settle(LoadBatch *batch);

/* Writes that the tables are approved as they are now. */
void claim_approve(LoadBatch *batch);

/* After a failure that changed nothing; never ends the program or waits for long. */
void claim_fail(LoadBatch *batch, const char *error);

/* ---- claim_format.c: statements of the commit; owned by the caller */

/* Affects one row, or the batch is not as it was. */
char *claim_format_state(const LoadBatch *batch, const ClaimTable *table);
char *claim_format_log(const LoadBatch *batch, const ClaimTable *table);
/* NULL: there is no queue. */
char *claim_format_queue(const LoadBatch *batch);

/* The statements of claim_fail(), with the log or for the table batch alone. */
char *claim_format_failure(const LoadBatch *batch, const char *error, bool has_log);

/* ---- claim_other.c: tables that users of other loaders have */

/*
 * Sets log, log_error_size and queue. Ends the program if there is such a table that must
 * not be used.
 */
void claim_other_find(LoadBatch *batch);

/* Appends the condition for entries q of the queue of the tables to be loaded. */
void claim_other_append(PQExpBuffer sql, const LoadBatch *batch);

/* Ends the program if entries of the batch have failed, or none is pending. */
void claim_other_check(LoadBatch *batch);

/* How many entries of the batch have failed; owned by the caller. NULL: no queue. */
char *claim_other_format_failed(const LoadBatch *batch);

#endif
