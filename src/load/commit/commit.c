#include "load/commit/commit.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/die.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/plural.h"
#include "base/recovery.h"
#include "base/signals.h"
#include "base/strbuf.h"
#include "db/db.h"
#include "db/sql_text.h"
#include "load/commit/apply.h"
#include "load/commit/capture.h"
#include "load/commit/commit_internal.h"
#include "load/commit/diff.h"
#include "load/commit/diff_query.h"
#include "load/registry/registry.h"

enum
{
    FIRST_PAUSE = 50, /* milliseconds before the second attempt; then twice as many */
    LONGEST_PAUSE = 5000
};

typedef struct Commit
{
    LoadBatch *batch;
    CommitRecheck recheck;
    void *context;
    CommitReport *report;
    bool is_together; /* see Attempt */
    char *failure;    /* the last error about keys, or NULL */
    bool has_moved_sequences;
    bool needs_diff; /* others have changed keys since the last diff */
} Commit;

/* ---- one attempt */

/* Within the transaction of temporary tables an attempt begins at a savepoint. */
bool
commit_begin(Attempt *attempt)
{
    const LoadBatch *batch = attempt->batch;
    bool is_inside = batch->stage_kind == STAGE_TEMPORARY;
    PGresult *result = db_ask(batch->db, is_inside ? "SAVEPOINT commit" : "BEGIN");
    bool is_good = result != NULL && db_succeeded(result);
    char *sql;

    PQclear(result);
    if (!is_good)
        return attempt_fail(attempt, ATTEMPT_LOST, "lost the connection to the server");
    sql = mem_format("SET LOCAL lock_timeout = %d;\n"
                     "SET LOCAL idle_in_transaction_session_timeout = %d",
                     batch->settings->lock_timeout, batch->settings->transaction_timeout);
    return attempt_execute_free(attempt, sql);
}

void
commit_rollback(const Attempt *attempt)
{
    bool is_inside = attempt->batch->stage_kind == STAGE_TEMPORARY;

    if (attempt->result == ATTEMPT_LOST || attempt->result == ATTEMPT_UNKNOWN)
        return;
    PQclear(db_ask(attempt->batch->db,
                   is_inside ? "ROLLBACK TO SAVEPOINT commit" : "ROLLBACK"));
}

/* Tables are locked in the order of their oids, which does not depend on the batch. */
static int
compare_tables(const void *a, const void *b)
{
    const LoadTable *const *one = a;
    const LoadTable *const *other = b;
    CatalogOid oid = (*one)->target->relation->oid;
    CatalogOid other_oid = (*other)->target->relation->oid;

    return (oid > other_oid) - (oid < other_oid);
}

static bool
lock_table(Attempt *attempt, const LoadTable *table)
{
    char *sql = mem_format("LOCK TABLE %s IN %s MODE", table->qname,
                           diff_query_rows_excludes_writers(table) ? "SHARE ROW EXCLUSIVE"
                                                                   : "ROW EXCLUSIVE");

    return attempt_execute_free(attempt, sql);
}

/* The definitions must be those that were planned with, now that the lock keeps them. */
static bool
compare_definition(Attempt *attempt, const LoadTable *table)
{
    PGresult *result =
        attempt_query_oid(attempt, sql_load_fingerprint, table->target->relation->oid);
    bool is_same =
        result != NULL && strcmp(PQgetvalue(result, 0, 0), table->fingerprint) == 0;
    bool is_known = result != NULL;

    PQclear(result);
    if (is_same || !is_known)
        return is_same;
    attempt_fail(attempt, ATTEMPT_FAILED,
                 "the definition of table %s has changed since it was read", table->name);
    diag_set_hint(&attempt->diag, "Run the same command again.");
    return false;
}

static bool
compare_definitions(Attempt *attempt)
{
    const LoadBatch *batch = attempt->batch;
    bool is_good = true;

    for (int i = 0; i < batch->n_tables && is_good; i++)
        is_good = compare_definition(attempt, &batch->tables[i]);
    return is_good;
}

bool
commit_lock_tables(Attempt *attempt)
{
    const LoadBatch *batch = attempt->batch;
    const LoadTable **sorted = mem_alloc((size_t)batch->n_tables * sizeof(*sorted));
    double start = clock_seconds();
    bool is_good = true;

    for (int i = 0; i < batch->n_tables; i++)
        sorted[i] = &batch->tables[i];
    qsort(sorted, (size_t)batch->n_tables, sizeof(*sorted), compare_tables);
    for (int i = 0; i < batch->n_tables && is_good; i++)
        is_good = lock_table(attempt, sorted[i]);
    attempt->report->wait_seconds += clock_seconds() - start;
    free(sorted);
    return is_good && compare_definitions(attempt);
}

bool
commit_record(Attempt *attempt)
{
    char *sql = registry_format_commit(attempt->batch);

    return commit_marks_lock(attempt) &&
           (sql == NULL || attempt_execute_free(attempt, sql)) &&
           commit_marks_compare(attempt) && commit_claim(attempt) &&
           commit_undone_record(attempt);
}

static bool
change_all(Attempt *attempt)
{
    return commit_lock_tables(attempt) &&
           attempt_execute(attempt, "SET CONSTRAINTS ALL DEFERRED") &&
           apply_lock_rows(attempt) && capture_begin(attempt) &&
           apply_replace_truncate(attempt) && apply_changes(attempt) &&
           apply_swap(attempt) && commit_record(attempt) &&
           attempt_execute(attempt, "SET CONSTRAINTS ALL IMMEDIATE") &&
           capture_end(attempt) && commit_undone_prove(attempt);
}

void
commit_finish(Attempt *attempt)
{
    PGresult *result;

    commit_outcome_prepare(attempt);
    if (attempt->result != ATTEMPT_DONE)
        return;
    result = db_ask_commit(attempt->batch->db);
    if (result == NULL)
        attempt_fail(attempt, ATTEMPT_UNKNOWN,
                     "lost the connection to the server in COMMIT");
    else if (!db_succeeded(result) || strcmp(PQcmdStatus(result), "COMMIT") != 0)
        attempt_fail(attempt, ATTEMPT_FAILED, "%s",
                     db_succeeded(result) ? "the server rolled back the transaction"
                                          : PQresultErrorMessage(result));
    PQclear(result);
}

static void
measure_locks(Attempt *attempt)
{
    double now = clock_seconds();

    attempt->report->row_seconds =
        attempt->locked_since > 0 ? now - attempt->locked_since : 0;
    apply_exclusive_end(attempt);
}

static void
try_commit(Attempt *attempt)
{
    const LoadSettings *settings = attempt->batch->settings;
    bool is_done;

    attempt->deadline = attempt_find_deadline(settings->transaction_timeout);
    is_done = commit_begin(attempt) && change_all(attempt);
    if (is_done && settings->dry_run == DRY_RUN_NO)
        commit_finish(attempt);
    measure_locks(attempt);
    if (attempt->result != ATTEMPT_DONE || settings->dry_run != DRY_RUN_NO)
        commit_rollback(attempt);
}

/* ---- attempts until it is done */

void
commit_pause(int attempt)
{
    int milliseconds = FIRST_PAUSE;
    struct timespec pause;

    for (int i = 1; i < attempt && milliseconds < LONGEST_PAUSE; i++)
        milliseconds *= 2;
    milliseconds += rand() % (milliseconds / 2);
    pause = (struct timespec){milliseconds / 1000, milliseconds % 1000 * 1000000L};
    nanosleep(&pause, NULL);
    signals_check();
}

/* How to find out once the server is running. */
static void
hint_at_outcome(const LoadBatch *batch, Diag *diag)
{
    if (batch->schema != NULL)
        diag_set_hint(diag,
                      "It was committed if table run of schema %s has a row "
                      "with run_id %s.",
                      batch->schema, batch->run_id);
    else
        diag_set_hint(diag,
                      "It was committed if pg_catalog.txid_status(%s) returns "
                      "\"committed\".",
                      batch->transaction);
}

void
commit_give_up(Attempt *attempt)
{
    ExitCode status = EXIT_ROLLED_BACK;
    char *text;

    if (attempt->result == ATTEMPT_LOCKED)
        status = EXIT_LOCKED;
    if (attempt->result == ATTEMPT_UNKNOWN)
        status = EXIT_UNKNOWN;
    if (attempt->result == ATTEMPT_CLAIMED)
        status = EXIT_BATCH;
    text = status == EXIT_UNKNOWN
               ? mem_format("%s, and the server could not be asked whether it "
                            "succeeded",
                            attempt->diag.message)
               : mem_format("the commit failed and was rolled back; the target is "
                            "unchanged: %s",
                            attempt->diag.message);
    diag_set_message(&attempt->diag, "%s", text);
    if (status == EXIT_LOCKED && attempt->diag.hint == NULL)
        diag_set_hint(&attempt->diag,
                      "There %s %d attempt%s. Raise --lock-timeout or --max-retries "
                      "for more.",
                      plural_choose(attempt->report->n_attempts, "was", "were"),
                      attempt->report->n_attempts, plural(attempt->report->n_attempts));
    if (status == EXIT_UNKNOWN)
        hint_at_outcome(attempt->batch, &attempt->diag);
    free(text);
    die(status, &attempt->diag);
}

/* Counts the changes again, since an attempt that failed has changed the counts. */
static bool
count_again(Attempt *attempt)
{
    LoadBatch *batch = attempt->batch;

    for (int i = 0; i < batch->n_tables; i++)
    {
        LoadTable *table = &batch->tables[i];

        if (attempt->report->n_attempts > 1 && !diff_count(batch->db, table))
            return attempt_fail(attempt, ATTEMPT_LOST,
                                "lost the connection to the server");
        if (table->apply != APPLY_DIFF)
            apply_replace_set_counts(table);
    }
    return true;
}

/* The error and the number of changes; owned by the caller. */
static char *
describe_failure(const LoadBatch *batch, const Attempt *attempt)
{
    PQExpBufferData text;
    char *copy;

    initPQExpBuffer(&text);
    appendPQExpBuffer(&text, "%s\n%s", attempt->diag.message,
                      attempt->diag.detail != NULL ? attempt->diag.detail : "");
    for (int i = 0; i < batch->n_tables; i++)
    {
        const DiffOps *ops = &batch->tables[i].ops;

        appendPQExpBuffer(&text, "\n%" PRId64 " %" PRId64 " %" PRId64 " %" PRId64,
                          ops->inserts, ops->updates, ops->deletes, ops->soft_deletes);
    }
    copy = mem_copy_string(text.data);
    termPQExpBuffer(&text);
    return copy;
}

/* Did the previous attempt fail in the same way, although the diff was made again? */
static bool
has_failed_before(Commit *commit, const Attempt *attempt)
{
    char *failure = describe_failure(commit->batch, attempt);
    bool is_same = commit->failure != NULL && strcmp(commit->failure, failure) == 0;

    free(commit->failure);
    commit->failure = failure;
    return is_same;
}

static bool
is_about_keys(const Attempt *attempt)
{
    return attempt->result == ATTEMPT_REDIFF || attempt->result == ATTEMPT_BROKEN;
}

/* What precedes the transaction. Errors other than a lost connection end the program. */
static bool
prepare(Commit *commit, Attempt *attempt)
{
    LoadBatch *batch = commit->batch;

    if (!commit->has_moved_sequences && batch->settings->dry_run == DRY_RUN_NO &&
        batch->rollback == NULL)
        load_sequences_advance(batch);
    commit->has_moved_sequences = true;
    for (int i = 0; i < batch->n_tables && commit->needs_diff; i++)
        diff_build(batch, &batch->tables[i]);
    if (commit->needs_diff && !commit->recheck(commit->context))
        commit_give_up(attempt);
    commit->needs_diff = false;
    return count_again(attempt);
}

/* A lost connection is a result of the attempt, and does not end the program. */
static void
make_attempt(Commit *commit, Attempt *attempt)
{
    Recovery recovery = {.kind = RECOVERY_LOST};

    *attempt = (Attempt){.batch = commit->batch,
                         .report = commit->report,
                         .is_together = commit->is_together};
    commit->report->n_attempts++;
    if (RECOVERY_TRY(&recovery))
    {
        if (prepare(commit, attempt))
            try_commit(attempt);
        recovery_end(&recovery);
        return;
    }
    attempt->result = ATTEMPT_LOST;
    diag_free(&attempt->diag);
    attempt->diag = recovery.diag;
}

/* True when it can be repeated; the connection of the batch works then. */
static bool
prepare_retry(Commit *commit, Attempt *attempt)
{
    if (attempt->result == ATTEMPT_FAILED || attempt->result == ATTEMPT_UNKNOWN ||
        attempt->result == ATTEMPT_CLAIMED ||
        commit->report->n_attempts > commit->batch->settings->max_retries ||
        (is_about_keys(attempt) && has_failed_before(commit, attempt)))
        return false;
    log_notice("attempt %d to commit failed: %s; retrying", commit->report->n_attempts,
               attempt->diag.message);
    commit_pause(commit->report->n_attempts);
    if (attempt->result == ATTEMPT_LOST)
        return commit_outcome_reconnect(commit->batch, &attempt->diag);
    commit->needs_diff =
        commit->needs_diff || is_about_keys(attempt) || attempt->result == ATTEMPT_MOVED;
    /* the reason can be the order of tables instead of other sessions */
    commit->is_together = commit->is_together || attempt->result == ATTEMPT_BROKEN;
    return true;
}

void
commit_run(LoadBatch *batch, CommitRecheck recheck, void *context, CommitReport *report)
{
    Commit commit = {.batch = batch,
                     .recheck = recheck,
                     .context = context,
                     .report = report};

    *report = (CommitReport){0};
    for (;;)
    {
        Attempt attempt;

        make_attempt(&commit, &attempt);
        if (attempt.result == ATTEMPT_UNKNOWN)
            attempt.result = commit_outcome_find(batch, &attempt.diag);
        if (attempt.result != ATTEMPT_DONE && !prepare_retry(&commit, &attempt))
            commit_give_up(&attempt);
        diag_free(&attempt.diag);
        if (attempt.result == ATTEMPT_DONE)
            break;
    }
    free(commit.failure);
}
