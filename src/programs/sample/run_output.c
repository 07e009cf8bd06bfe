#include "config.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "dump/emit.h"
#include "programs/sample/run_internal.h"

enum
{
    MAX_TRANSACTION_LOCKS = 6000 /* of a server with default settings */
};

void
run_output_open(Run *run)
{
    const Options *options = run->options;

    if (run_schema_is_needed(run))
        pg_programs_find(&run->schema.programs,
                         db_server_version(run->session->snapshot_db), options->pg_dump);
    if (!options->verify_only)
        run->output.dump = sink_open(options->file, !options->no_sync);
    if (options->report != NULL)
        run->output.report = sink_open(options->report, !options->no_sync);
}

void
run_output_note_source(Run *run)
{
    Db *db = run->session->snapshot_db;
    char *now =
        db_query_value(db,
                       "SELECT pg_catalog.to_char(pg_catalog.transaction_timestamp(), "
                       "'YYYY-MM-DD\"T\"HH24:MI:SS.MSOF')");

    snprintf(run->output.summary.snapshot_time, sizeof(run->output.summary.snapshot_time),
             "%s", now);
    free(now);
    run->output.summary.version = PACKAGE_VERSION;
    run->output.summary.database = db_name(db);
    run->output.summary.server_version = db_server_version_text(db);
    run->output.summary.host = db_host(db) != NULL ? db_host(db) : "";
}

/*
 * Creating a table takes a lock slot, and one for each index, TOAST table and sequence; a
 * server with default settings has too few of them for very large schemas.
 */
static bool
fits_one_transaction(const Run *run)
{
    int n = run->catalog->n_sequences;

    if (run->options->no_transaction)
        return false;
    for (int i = 0; run->schema.toc != NULL && i < run->catalog->n_relations; i++)
    {
        const Relation *relation = &run->catalog->relations[i];

        if (toc_is_kept(run->schema.toc, CATALOG_PG_CLASS, relation->oid))
            n += 1 + relation->n_leaves + relation->n_indexes;
    }
    if (n <= MAX_TRANSACTION_LOCKS)
        return true;
    log_warning("the dump is not a single transaction, since %d tables and indexes "
                "exceed the lock slots of a server with default settings; if it is "
                "truncated, it restores in part",
                n);
    return false;
}

void
run_output_write_dump(Run *run)
{
    const Options *options = run->options;
    const StringList limits = run_masking_list_limits(run);
    /* with --keep there are definitions, even where --data-only leaves them out */
    bool has_schema = !options->data_only;
    const Toc *toc = has_schema ? run->schema.toc : NULL;
    PQExpBufferData selection;
    EmitOptions emit = {.version = PACKAGE_VERSION,
                        .database = run->output.summary.database,
                        .server_version = run->output.summary.server_version,
                        .limits = &limits,
                        .left_out = has_schema ? run->schema.left_out.data : "",
                        .mark = run_masking_describe(run),
                        .has_schema = has_schema,
                        .has_data = !options->schema_only,
                        .is_clean = options->clean,
                        .has_refreshes = !options->no_refresh,
                        .restore_path = run_plan_get_restore_path(run),
                        .is_in_transaction = fits_one_transaction(run),
                        .rows = {.is_ordered = options->order == PICK_NEWEST ||
                                               options->order == PICK_OLDEST,
                                 .rows_per_insert =
                                     options->inserts || options->on_conflict_do_nothing
                                         ? options->rows_per_insert
                                         : 0,
                                 .keeps_others = options->on_conflict_do_nothing,
                                 .disable_triggers = options->disable_triggers}};
    const EmitSource source = {.sample = run->rows.sample,
                               .proof = &run->rows.proof,
                               .session = run->session,
                               .toc = toc,
                               .ddl = toc != NULL ? &run->schema.ddl_text : NULL};

    initPQExpBuffer(&selection);
    if (run->plan.masks != NULL)
        run_subset_append_hidden_choice(&selection, options);
    else
        run_subset_append_choice(&selection, options);
    emit.selection = selection.data;
    run_masking_search(run, selection.data);
    emit_dump(run->output.dump, &emit, &source);
    run->output.summary.dump_bytes = sink_get_size(run->output.dump);
    termPQExpBuffer(&selection);
}

/* Dump and report are renamed together, at the end, when only renaming can fail. */
void
run_output_finish(Run *run)
{
    Sink *sinks[2];
    size_t n = 0;

    run->output.summary.seconds = clock_seconds() - run->output.start;
    run->output.summary.is_staging = run->rows.mode.is_staging;
    run->output.summary.is_written = run->output.dump != NULL;
    run->output.summary.masking = run->rows.masking;
    if (run->output.report != NULL)
        report_write(run->output.report, run->rows.sample, &run->rows.proof,
                     &run->output.summary);
    if (run->output.dump != NULL)
        sinks[n++] = run->output.dump;
    if (run->output.report != NULL)
        sinks[n++] = run->output.report;
    sink_finish(sinks, n);
    if (!run->options->schema_only)
        report_print(run->rows.sample, &run->rows.proof, &run->output.summary);
}
