/* What a run did, as numbers: one JSON object. */
#include "config.h"

#include "base/clock.h"
#include "base/display.h"
#include "base/exitcode.h"
#include "programs/load/load_run_internal.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/outfile.h"
#include "load/commit/attempt.h"

enum
{
    LOCK_WARNING = 60, /* seconds */
    LOCK_ALERT = 120
};

/* How a table is loaded. */
static void
set_words(json_t *object, const LoadTable *table)
{
    int length;
    const char *word = settings_get_word(MODE_WORDS, table->settings->mode, &length);

    json_object_set_new(object, "mode",
                        table->diff_select != NULL ? json_string("rollback")
                                                   : json_stringn(word, (size_t)length));
    word = settings_get_word(APPLY_WORDS, table->apply, &length);
    json_object_set_new(object, "apply", json_stringn(word, (size_t)length));
}

static void
set_integer(json_t *object, const char *name, int64_t value)
{
    json_object_set_new(object, name, json_integer(value));
}

/* Rounded up: what took any time is not 0. */
static void
set_milliseconds(json_t *object, const char *name, double seconds)
{
    int64_t n = (int64_t)(seconds * 1000);

    set_integer(object, name, n + ((double)n < seconds * 1000 ? 1 : 0));
}

/* With milliseconds; more digits are not significant. */
static void
set_seconds(json_t *object, const char *name, double seconds)
{
    json_object_set_new(object, name,
                        json_real((double)(int64_t)(seconds * 1000 + 0.5) / 1000));
}

static void
set_rejected(json_t *object, const LoadCounts *counts)
{
    json_t *rejected = json_object();

    set_integer(rejected, "parse", counts->rejected_parse);
    set_integer(rejected, "null_key", counts->rejected_null_key);
    set_integer(rejected, "check", counts->rejected_check);
    set_integer(rejected, "fk", counts->rejected_fk);
    json_object_set_new(object, "rejected", rejected);
}

static void
set_rows(json_t *object, const LoadCounts *counts)
{
    set_integer(object, "total_records", counts->n_source);
    set_integer(object, "total_source_rows", counts->n_source);
    set_integer(object, "inserted_rows", counts->inserted);
    set_integer(object, "updated_rows", counts->updated);
    set_integer(object, "unchanged_rows", counts->unchanged);
    set_integer(object, "skipped_rows", counts_skipped(counts));
    set_integer(object, "skipped_older", counts->skipped_older);
    set_integer(object, "skipped_conflict", counts->skipped_conflict);
    set_integer(object, "skipped_not_found", counts->skipped_not_found);
    set_integer(object, "deleted_rows", counts->deleted);
    set_integer(object, "soft_deleted_rows", counts->soft_deleted);
    set_integer(object, "immutable_conflicts", counts->immutable_conflicts);
    set_integer(object, "duplicate_rows", counts->duplicate);
    set_integer(object, "error_rows", counts_errors(counts));
    set_integer(object, "moved_rows", counts->moved);
    set_integer(object, "kept_moved", counts->kept_moved);
    set_integer(object, "total_written", counts->inserted + counts->updated);
    set_integer(object, "records_loaded", counts->inserted);
    set_integer(object, "records_updated", counts->updated);
    set_integer(object, "records_skipped", counts_skipped(counts) + counts->unchanged);
    set_integer(object, "errors", counts_errors(counts));
    set_integer(object, "rows_deleted", counts->deleted);
    set_integer(object, "rows_inserted", counts->inserted);
    set_rejected(object, counts);
}

static json_t *
make_table_metrics(const LoadRun *run, const LoadTable *table)
{
    json_t *object = json_object();

    json_object_set_new(object, "table_name", json_string(table->name));
    set_words(object, table);
    set_integer(object, "fragments", table->n_sources);
    set_integer(object, "bytes", table->counts.bytes);
    set_rows(object, &table->counts);
    set_seconds(object, "delete_duration", table->delete_seconds);
    set_seconds(object, "insert_duration", table->insert_seconds);
    set_seconds(object, "update_duration", table->update_seconds);
    set_seconds(object, "total_duration", run->commit.row_seconds);
    return object;
}

static LoadCounts
sum_counts(const LoadBatch *batch)
{
    LoadCounts sum = {0};

    for (int i = 0; i < batch->n_tables; i++)
    {
        const LoadCounts *counts = &batch->tables[i].counts;

        sum.n_source += counts->n_source;
        sum.inserted += counts->inserted;
        sum.updated += counts->updated;
        sum.unchanged += counts->unchanged;
        sum.deleted += counts->deleted;
        sum.soft_deleted += counts->soft_deleted;
        sum.skipped_older += counts_skipped(counts);
        sum.rejected_parse += counts_errors(counts);
    }
    return sum;
}

static json_t *
make_lock(const CommitReport *report)
{
    json_t *object = json_object();

    set_milliseconds(object, "exclusive_ms", report->exclusive_seconds);
    set_milliseconds(object, "row_ms", report->row_seconds);
    set_milliseconds(object, "wait_ms", report->wait_seconds);
    set_integer(object, "attempts", report->n_attempts);
    json_object_set_new(object, "alert", json_boolean(report->row_seconds > LOCK_ALERT));
    return object;
}

static json_t *
make_phases(const LoadRun *run)
{
    json_t *object = json_object();

    for (LoadPhase i = 0; i < N_LOAD_PHASES; i++)
        set_seconds(object, load_phase_get_name(i), run->seconds[i]);
    return object;
}

static json_t *
make_warnings(void)
{
    json_t *list = json_array();
    const char *text;

    for (size_t i = 0; (text = log_get_warning(i)) != NULL; i++)
        json_array_append_new(list, json_string(text));
    return list;
}

static void
set_all(json_t *object, const LoadRun *run, const char *error)
{
    const LoadBatch *batch = &run->batch;
    LoadCounts sum = sum_counts(batch);
    json_t *tables = json_object();

    set_integer(object, "total_records", sum.n_source);
    set_integer(object, "records_loaded", sum.inserted);
    set_integer(object, "records_updated", sum.updated);
    set_integer(object, "records_skipped", sum.skipped_older + sum.unchanged);
    set_integer(object, "errors", sum.rejected_parse);
    set_integer(object, "rows_deleted", sum.deleted);
    set_integer(object, "rows_inserted", sum.inserted);
    json_object_set_new(object, "lock", make_lock(&run->commit));
    json_object_set_new(object, "phases", make_phases(run));
    for (int i = 0; i < batch->n_tables; i++)
        json_object_set_new(tables, batch->tables[i].name,
                            make_table_metrics(run, &batch->tables[i]));
    json_object_set_new(object, "tables", tables);
    json_object_set_new(object, "warnings", make_warnings());
    json_object_set_new(object, "error",
                        error != NULL ? json_string(error) : json_null());
}

/* Of a batch, as in batch_load_log. */
static const char *
name_status(const LoadRun *run, bool is_good)
{
    if (!is_good)
        return "failed";
    return run->batch.claim != NULL && sum_counts(&run->batch).rejected_parse > 0
               ? "partial"
               : "success";
}

static json_t *
make_metrics(const LoadRun *run, const char *error, int exit_status)
{
    const LoadBatch *batch = &run->batch;
    bool is_dry = batch->settings->dry_run != DRY_RUN_NO;
    bool is_good = exit_status == EXIT_DONE || exit_status == EXIT_REJECTS;
    json_t *object = json_object();

    json_object_set_new(object, "tool", json_string("pg-sample-load"));
    json_object_set_new(object, "version", json_string(PACKAGE_VERSION));
    json_object_set_new(object, "batch_id",
                        json_string(batch->settings->is_batch ? batch->settings->batch_id
                                                              : batch->run_id));
    json_object_set_new(object, "run_id", json_string(batch->run_id));
    json_object_set_new(object, "success", json_boolean(is_good));
    json_object_set_new(object, "dry_run", json_boolean(is_dry));
    json_object_set_new(object, "status", json_string(name_status(run, is_good)));
    set_integer(object, "exit_status", exit_status);
    if (batch->n_tables > 0)
        set_words(object, &batch->tables[0]);
    set_seconds(object, "duration_seconds", clock_seconds() - run->start);
    set_all(object, run, error);
    return object;
}

static char *
format_json(const json_t *object)
{
    char *json = json_dumps(object, JSON_INDENT(2) | JSON_REAL_PRECISION(9));
    char *text = json != NULL ? display_escape_json(json) : NULL;

    free(json);
    return text;
}

bool
load_metrics_write(const LoadRun *run, const char *error, int exit_status)
{
    const char *path = run->options->metrics_file;
    bool is_stdout = path != NULL && strcmp(path, "-") == 0;
    Diag diag = {0};
    json_t *object;
    FILE *file;
    char *text;
    bool is_good;

    if (path == NULL)
        return true;
    file = is_stdout ? stdout : outfile_stream(path, &diag);
    if (file == NULL)
    {
        log_warning_hint(diag.hint, "could not write metrics: %s", diag.message);
        diag_free(&diag);
        return false;
    }
    object = make_metrics(run, error, exit_status);
    text = format_json(object);
    json_decref(object);
    is_good = text != NULL && fputs(text, file) != EOF && fputc('\n', file) != EOF;
    free(text);
    is_good = (is_stdout ? fflush(file) : fclose(file)) == 0 && is_good;
    if (!is_good)
        log_warning("could not write metrics to \"%s\": %s", path, strerror(errno));
    return is_good;
}

static void
warn_of_table(const LoadTable *table)
{
    const LoadCounts *counts = &table->counts;

    if (counts->skipped_older > counts->n_source / 2)
        log_warning_hint("The source might be outdated, or clocks might differ.",
                         "more than half of the rows for table %s are older than "
                         "those of the table",
                         table->name);
}

static const char *
explain_nothing(const LoadCounts *counts)
{
    if (counts_errors(counts) == counts->n_source)
        return "all rows were rejected";
    if (counts->unchanged + counts->skipped_conflict + counts->duplicate ==
        counts->n_source)
        return "the rows are there already";
    return "rows are unchanged, skipped or rejected";
}

void
load_metrics_warn(const LoadRun *run)
{
    LoadCounts sum = sum_counts(&run->batch);
    double seconds = run->commit.row_seconds;

    if (seconds > LOCK_WARNING)
        log_warning_hint("--apply=diff holds locks for the shortest time; an index on "
                         "the column of --slice makes deletes faster.",
                         "%s: rows were locked for %.0f seconds",
                         seconds > LOCK_ALERT ? "alert" : "long commit", seconds);
    for (int i = 0; i < run->batch.n_tables; i++)
        warn_of_table(&run->batch.tables[i]);
    if (!run->options->is_quiet && sum.n_source > 0 &&
        sum.inserted + sum.updated + sum.deleted + sum.soft_deleted == 0)
        log_warning("nothing was inserted or updated: %s", explain_nothing(&sum));
}
