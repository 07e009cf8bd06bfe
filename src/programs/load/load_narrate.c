/*
 * Messages about the progress of a load on standard error. Their words are those that
 * users of other loaders know, and differ for a slice, a whole table and an upsert.
 */
#include "programs/load/load_run_internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/plural.h"
#include "load/effective.h"

enum
{
    NUMBER_SIZE = 32,
    NAME_SIZE = 256
};

const char *
load_narrate_number(int64_t number, char *text, size_t size)
{
    char digits[NUMBER_SIZE];
    int n = snprintf(digits, sizeof(digits), "%" PRId64, number);
    size_t used = 0;

    for (int i = 0; i < n && used + 2 < size; i++)
    {
        if (i > 0 && (n - i) % 3 == 0 && digits[i - 1] != '-')
            text[used++] = ',';
        text[used++] = digits[i];
    }
    text[used] = '\0';
    return text;
}

static LoadMode
mode_of(const LoadTable *table)
{
    return table->settings->mode;
}

/* The name of the staging table without its schema and quotes. */
static const char *
get_stage_name(const LoadTable *table, char *text, size_t size)
{
    const char *name = table->stage != NULL ? strchr(table->stage, '"') : NULL;
    size_t n = 0;

    for (name = name != NULL ? name + 1 : "none"; *name != '\0' && n + 1 < size; name++)
    {
        if (*name != '"')
            text[n++] = *name;
    }
    text[n] = '\0';
    return text;
}

void
load_narrate_staging(const LoadTable *table)
{
    if (table->apply == APPLY_DIRECT)
    {
        log_info("Direct write to table %s, in one transaction", table->name);
        return;
    }
    switch (mode_of(table))
    {
        case MODE_SLICE:
            log_info("Using STAGING TABLE pattern for %s table", table->name);
            log_info("This minimizes lock contention on production table");
            log_info("Step 1/3 - Creating staging table");
            break;
        case MODE_FULL:
            log_info("Syncing table %s", table->name);
            log_info("- Creating staging table...");
            log_info("- Loading data to staging...");
            break;
        default:
            break;
    }
}

static void
narrate_table_staged(const LoadTable *table)
{
    char number[NUMBER_SIZE];
    char stage[NAME_SIZE];

    load_narrate_number(table->n_staged, number, sizeof(number));
    get_stage_name(table, stage, sizeof(stage));
    switch (mode_of(table))
    {
        case MODE_SLICE:
            log_info("Created staging table: %s", stage);
            log_info("Step 2/3 - Writing %s row%s to staging table", number,
                     plural(table->n_staged));
            log_info("Writing to staging table, skipping create_table");
            log_info("Successfully wrote data to %s", stage);
            break;
        case MODE_FULL:
            log_info("- %s row%s of %s in %s", number, plural(table->n_staged),
                     table->name, stage);
            break;
        default:
            log_info("Upserting %s row%s to %s", number, plural(table->n_staged),
                     table->name);
            log_info("Writing to temporary table %s", stage);
            break;
    }
}

void
load_narrate_staged(const LoadBatch *batch)
{
    for (int i = 0; i < batch->n_tables; i++)
        narrate_table_staged(&batch->tables[i]);
}

void
load_narrate_commit(const LoadBatch *batch)
{
    for (int i = 0; i < batch->n_tables; i++)
    {
        const LoadTable *table = &batch->tables[i];

        if (mode_of(table) == MODE_SLICE)
            log_info("Step 3/3 - Committing staging data to production %s table",
                     table->name);
        else if (mode_of(table) == MODE_FULL)
            log_info("- Beginning atomic swap...");
        else
            log_info("Executing defensive MERGE into %s", table->name);
    }
}

static void
narrate_rows(const char *verb, int64_t n, const char *what, double seconds)
{
    char number[NUMBER_SIZE];

    log_info("%s %s %s row%s in %.2fs", verb,
             load_narrate_number(n, number, sizeof(number)), what, plural(n), seconds);
}

static void
narrate_scope_committed(const LoadRun *run, const LoadTable *table)
{
    const LoadCounts *counts = &table->counts;

    narrate_rows("Deleted", counts->deleted, "old", table->delete_seconds);
    if (counts->updated > 0)
        narrate_rows("Updated", counts->updated, "changed", table->update_seconds);
    narrate_rows("Inserted", counts->inserted, "new", table->insert_seconds);
    log_info("✓ Transaction committed successfully");
    log_info("✓ STAGING COMMIT SUCCESSFUL");
    log_info("Lock time on %s table: ~%.2fs", table->name, run->commit.row_seconds);
}

/* A key that a trigger has changed finds no row. */
static void
warn_of_lost_images(const LoadTable *table)
{
    int64_t n = table->capture != NULL ? table->capture->n_lost : 0;

    if (n > 0)
        log_warning_hint("Rows whose keys were changed are in neither audit nor undo.",
                         "%s: %" PRId64
                         " row%s of the load %s deleted by triggers, or got other keys",
                         table->name, n, plural(n), plural_choose(n, "was", "were"));
}

void
load_narrate_committed(const LoadRun *run)
{
    for (int i = 0; i < run->batch.n_tables; i++)
    {
        const LoadTable *table = &run->batch.tables[i];

        warn_of_lost_images(table);
        if (mode_of(table) == MODE_SLICE)
            narrate_scope_committed(run, table);
        else if (mode_of(table) == MODE_FULL)
            log_info("- ✓ Swap complete");
    }
    if (run->batch.n_tables > 0 && mode_of(&run->batch.tables[0]) == MODE_FULL)
        log_info("✓ Transaction committed (atomic swap complete)");
    if (run->commit.exclusive_seconds > 0)
        log_info("Nobody could read for %.3fs", run->commit.exclusive_seconds);
    log_verbose("locked: rows for %.3fs, tables awaited for %.3fs, %d attempt%s",
                run->commit.row_seconds, run->commit.wait_seconds, run->commit.n_attempts,
                plural(run->commit.n_attempts));
}

void
load_narrate_clean(const LoadBatch *batch)
{
    if (batch->stage_kind != STAGE_NONE && batch->n_tables > 0 &&
        mode_of(&batch->tables[0]) == MODE_INCREMENTAL)
        log_info("Cleaning up temporary table%s", plural(batch->n_tables));
}

static void
narrate_counts(const LoadTable *table, const char *what)
{
    const LoadCounts *counts = &table->counts;

    char marked[NUMBER_SIZE + sizeof(" soft-deleted, ")] = "";

    if (effective_has_soft_delete(table))
        snprintf(marked, sizeof(marked), "%" PRId64 " soft-deleted, ",
                 counts->soft_deleted);
    log_info("%s%s: %" PRId64 " inserted, %" PRId64 " updated, %" PRId64 " skipped"
             " (%s: %" PRId64 " unchanged, %" PRId64 " deleted, %s%" PRId64
             " duplicate%s, %" PRId64 " rejected)",
             what,
             mode_of(table) == MODE_INCREMENTAL ? "Upsert complete" : "Load complete",
             counts->inserted, counts->updated, counts_skipped(counts), table->name,
             counts->unchanged, counts->deleted, marked, counts->duplicate,
             plural(counts->duplicate), counts_errors(counts));
}

static void
narrate_batch(const LoadRun *run)
{
    int64_t n_inserted = 0;
    int64_t n_updated = 0;
    int64_t n_errors = 0;

    for (int i = 0; i < run->batch.n_tables; i++)
    {
        const LoadCounts *counts = &run->batch.tables[i].counts;

        n_inserted += counts->inserted;
        n_updated += counts->updated;
        n_errors += counts_errors(counts);
    }
    log_info("%s complete: %" PRId64 " loaded, %" PRId64 " updated, %" PRId64
             " error%s in %.2fs",
             run->is_committed ? "Batch load" : "Batch dry run", n_inserted, n_updated,
             n_errors, plural(n_errors), clock_seconds() - run->start);
}

void
load_narrate_end(const LoadRun *run)
{
    const char *what = run->is_committed ? "✓ " : "dry run, nothing written: ";
    bool is_full = false;

    for (int i = 0; i < run->batch.n_tables; i++)
    {
        is_full = is_full || mode_of(&run->batch.tables[i]) == MODE_FULL;
        narrate_counts(&run->batch.tables[i], what);
    }
    if (is_full && run->is_committed)
        log_info("✅ Sync completed!");
    if (run->batch.claim != NULL)
        narrate_batch(run);
}

static const char *
name_work(const LoadRun *run)
{
    if (run->options->request == LOAD_APPROVE)
        return "approval";
    return run->batch.rollback != NULL ? "rollback" : "load";
}

void
load_narrate_failure(const LoadRun *run)
{
    bool is_full = false;
    const char *error = log_get_error();

    if (run->batch.claim != NULL && error != NULL)
        log_info("Batch %s failed: %s", name_work(run), error);
    if (run->batch.rollback != NULL)
        return;
    for (int i = 0; i < run->batch.n_tables; i++)
        is_full = is_full || mode_of(&run->batch.tables[i]) == MODE_FULL;
    if (!is_full)
        return;
    if (run->phase == PHASE_COMMIT)
    {
        log_info("✗ Atomic swap failed, rolling back");
        log_info("✓ Production data restored (unchanged)");
    }
    log_info("❌ Sync failed, but production data is safe!");
}
