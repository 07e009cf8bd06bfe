#include "config.h"

#include "programs/sample/run.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/die.h"
#include "base/log.h"
#include "db/environment.h"
#include "db/row.h"
#include "db/sql_text.h"
#include "dump/ddl.h"
#include "dump/emit.h"
#include "dump/largeobjects.h"
#include "dump/pg_programs.h"
#include "dump/schema_choice.h"
#include "model/catalog_obstacles.h"
#include "model/ignored.h"
#include "model/layout.h"
#include "model/reference.h"
#include "programs/sample/cleanup.h"
#include "programs/sample/plan_print.h"
#include "programs/sample/run_internal.h"
#include "programs/sample/translate.h"
#include "sample/path_probe.h"
#include "sample/pick.h"
#include "sample/skipped.h"

enum
{
    CATALOG_ATTEMPTS = 10,
    MAX_TRANSACTION_LOCKS = 6000 /* what a default server has for one transaction */
};

/* Ends the program because of what the i-th of n arguments of the option says. */
static _Noreturn void
die_of_rule(const Options *options, const char *option, size_t i, size_t n, Diag *diag)
{
    if (options_is_from_file(options, option) && n > 1)
        diag_set_detail(diag, "It is in member \"%s[%zu]\" in \"%s\".", option, i,
                        options->config);
    else if (options_is_from_file(options, option))
        diag_set_detail(diag, "It is in member \"%s\" in \"%s\".", option,
                        options->config);
    die(EXIT_USAGE, diag);
}

void
run_parse_rules(Run *run)
{
    const Options *options = run->options;
    Diag diag = {0};

    rules_free(&run->rules);
    run->rules = (RuleList){0};
    run_subset_parse(run);
    for (size_t i = 0; i < options->limits.n_items; i++)
    {
        if (!rules_append(&run->rules, run->arena, options->limits.items[i], &diag))
            die_of_rule(options, "limit", i, options->limits.n_items, &diag);
    }
    run->references = arena_alloc(run->arena, options->subset.references.n_items *
                                                  sizeof(ReferenceRule));
    run->n_references = options->subset.references.n_items;
    for (size_t i = 0; i < run->n_references; i++)
    {
        if (!reference_rule_parse(&run->references[i], run->arena,
                                  options->subset.references.items[i], &diag))
            die_of_rule(options, "reference", i, options->subset.references.n_items,
                        &diag);
    }
    /* what no rule matches */
    if (!rules_append(&run->rules, run->arena,
                      subset_has_roots(&run->subset) ? "* = 0" : "* = 100", &diag))
        die(EXIT_USAGE, &diag);
}

static void
connect_session(Run *run)
{
    const Options *options = run->options;
    const DbTarget target = {.dbname = options->dbname,
                             .host = options->host,
                             .port = options->port,
                             .username = options->username,
                             .program = "pg-sample",
                             .is_prompt_forced = options->prompt == PROMPT_ALWAYS,
                             .is_prompt_never = options->prompt == PROMPT_NEVER};
    const SessionOptions session = {.encoding = options->encoding,
                                    .lock_timeout = options->lock_timeout,
                                    .enable_row_security = options->enable_row_security,
                                    .continue_on_error = options->continue_on_error};

    run->session = session_open(db_connect(&target), &session);
    if (!options->no_staging && !options->schema_only)
        answers_record(run->session->answers);
    log_verbose("connected to database \"%s\" on server %s",
                db_name(run->session->snapshot_db),
                db_server_version_text(run->session->snapshot_db));
}

static void
choose_seed(Run *run)
{
    run->plan.order = run->options->order;
    run->plan.seed = run->options->seed;
    if (run->plan.order == PICK_RANDOM && !run->options->has_seed)
    {
        if (getrandom(&run->plan.seed, sizeof(run->plan.seed), 0) !=
            (ssize_t)sizeof(run->plan.seed))
            die_errno(EXIT_OUTPUT, "could not draw a random seed");
        log_verbose("random seed: %" PRIu64, run->plan.seed);
    }
}

void
run_make_plan(Run *run)
{
    const Options *options = run->options;
    const Selection selection = {.schemas = &options->schemas,
                                 .exclude_schemas = &options->exclude_schemas,
                                 .tables = &options->tables,
                                 .exclude_tables = &options->exclude_tables,
                                 .exclude_table_data = &options->exclude_table_data};
    Diag diag = {0};

    catalog_free(run->catalog);
    run->plan = (Plan){0};
    run->catalog = session_load_catalog(run->session);
    if (!reference_load(run->catalog, run->session->answers, run->references,
                        run->n_references, &diag) ||
        !ignored_mark(run->catalog, &options->subset.ignored, options->subset.nulls_cut,
                      &diag))
        die(EXIT_USAGE, &diag);
    if (options->subset.ignored.n_items > 0)
        catalog_obstacles_load(run->catalog, run->session->answers);
    if (!plan_build(&run->plan, run->catalog, graph_build(run->catalog), &run->rules,
                    &selection, &run->subset, &diag) ||
        !ignored_check(&run->plan, &diag))
        die(EXIT_USAGE, &diag);
    run->plan.has_schema_dump = !options->data_only;
    run_subset_warn(run);
    if (options->schema_only)
        plan_skip_data(&run->plan);
    if (options->continue_on_error)
        skipped_add_unreadable(&run->plan);
}

/* The search_path of the restore, or NULL: the empty one. */
static const char *
get_restore_path(const Run *run)
{
    const char *path = run->options->restore_search_path;

    return path != NULL && strcmp(path, "source") == 0 ? run->session->search_path : path;
}

static void
make_checked_plan(Run *run)
{
    run_make_plan(run);
    run_privileges_check(run);
    path_probe(run->session, &run->plan, get_restore_path(run));
}

/* Plans, and takes the snapshot that the plan is valid in. */
static void
begin_snapshot(Run *run)
{
    make_checked_plan(run);
    for (int attempt = 1; !session_begin(run->session, &run->plan); attempt++)
    {
        if (attempt == CATALOG_ATTEMPTS)
            die_hint(EXIT_SERVER, "Run again when the schema is at rest.",
                     "the schema changed %d times while the tables were being locked",
                     CATALOG_ATTEMPTS);
        log_verbose("the schema has changed meanwhile; planning again");
        make_checked_plan(run);
    }
    choose_seed(run);
}

static void
report_unlogged(const Run *run)
{
    for (int i = 0; run->catalog->is_standby && i < run->catalog->n_relations; i++)
    {
        if (run->catalog->relations[i].is_unlogged && run->plan.tables[i].is_selected)
            log_notice("table %s is unlogged: a standby has no rows of it",
                       run->catalog->relations[i].qname);
    }
}

static void
report_migration_tables(const Run *run)
{
    PQExpBufferData names;

    initPQExpBuffer(&names);
    for (int i = 0; i < run->catalog->n_relations; i++)
    {
        if (run->plan.tables[i].is_taken_whole && run->plan.tables[i].n_picks > 0)
            appendPQExpBuffer(&names, "%s%s", names.len > 0 ? ", " : "",
                              run->catalog->relations[i].qname);
    }
    if (names.len > 0)
        log_notice("taken whole, as migration tools keep there what they have done: %s%s",
                   names.data,
                   run->options->data_only && !run->options->on_conflict_do_nothing
                       ? "; where they have run, the dump restores with "
                         "--on-conflict-do-nothing only"
                       : "");
    termPQExpBuffer(&names);
}

/* Any role can give any schema of its own our mark: what is hidden so has to be seen. */
static void
report_marked(const Run *run)
{
    PGresult *result = db_query(run->session->snapshot_db, sql_stage_schemas);
    RowReader row = row_reader(result);

    while (row_next(&row))
    {
        const char *schema = row_text(&row);
        const char *owner;
        bool is_own;

        (void)row_text(&row); /* the quoted name */
        owner = row_text(&row);
        is_own = row_bool(&row);
        for (int i = 0; i < 4; i++)
            (void)row_text(&row); /* what --cleanup lists */
        if (row_bool(&row))
            log_warning_hint("If it is none, remove its comment.",
                             "schema %s of role %s is left out, and foreign keys that "
                             "refer to it cannot be restored: by its comment it is a "
                             "staging schema of pg-sample",
                             schema, owner);
        else if (!is_own && plan_is_schema_selected(&run->plan, schema))
            log_notice("schema %s of role %s is left out: by its comment it is a staging "
                       "schema of pg-sample",
                       schema, owner);
    }
    PQclear(result);
}

static void
report_schemas_left_out(const Run *run)
{
    for (int i = 0; i < run->catalog->n_relations; i++)
    {
        const Relation *relation = &run->catalog->relations[i];

        if (run_schema_is_left_out(run, i) &&
            plan_is_selected(&run->plan, relation->schema, relation->name))
            log_notice("schema %s is left out: pg-sample-load keeps its own tables there",
                       relation->schema);
    }
    report_marked(run);
}

static void
note_summary(Run *run)
{
    Db *db = run->session->snapshot_db;
    char *now =
        db_query_value(db,
                       "SELECT pg_catalog.to_char(pg_catalog.transaction_timestamp(), "
                       "'YYYY-MM-DD\"T\"HH24:MI:SS.MSOF')");

    snprintf(run->summary.snapshot_time, sizeof(run->summary.snapshot_time), "%s", now);
    free(now);
    run->summary.version = PACKAGE_VERSION;
    run->summary.database = db_name(db);
    run->summary.server_version = db_server_version_text(db);
    run->summary.host = db_host(db) != NULL ? db_host(db) : "";
}

/*
 * Creating a table takes a lock slot, and one for each index, TOAST table and sequence;
 * a default server has too few of them for very large schemas.
 */
static bool
fits_one_transaction(const Run *run)
{
    int n = run->catalog->n_sequences;

    if (run->options->no_transaction)
        return false;
    for (int i = 0; run->toc != NULL && i < run->catalog->n_relations; i++)
    {
        const Relation *relation = &run->catalog->relations[i];

        if (toc_is_kept(run->toc, CATALOG_PG_CLASS, relation->oid))
            n += 1 + relation->n_leaves + relation->n_indexes;
    }
    if (n <= MAX_TRANSACTION_LOCKS)
        return true;
    log_warning("the dump is not one transaction, since %d tables and indexes exceed the "
                "lock slots of a default server; if it is cut off, it restores in part",
                n);
    return false;
}

void
run_write_dump(Run *run)
{
    const Options *options = run->options;
    PQExpBufferData selection;
    EmitOptions emit = {.version = PACKAGE_VERSION,
                        .database = run->summary.database,
                        .server_version = run->summary.server_version,
                        .limits = &options->limits,
                        .left_out = run->left_out.data,
                        .has_schema = !options->data_only,
                        .has_data = !options->schema_only,
                        .is_clean = options->clean,
                        .has_refreshes = !options->no_refresh,
                        .restore_path = get_restore_path(run),
                        .is_in_transaction = fits_one_transaction(run),
                        .rows = {.is_ordered = options->order == PICK_NEWEST ||
                                               options->order == PICK_OLDEST,
                                 .rows_per_insert =
                                     options->inserts || options->on_conflict_do_nothing
                                         ? options->rows_per_insert
                                         : 0,
                                 .keeps_others = options->on_conflict_do_nothing,
                                 .disable_triggers = options->disable_triggers}};

    initPQExpBuffer(&selection);
    run_subset_append_choice(&selection, options);
    emit.selection = selection.data;
    emit_dump(run->sink, &emit, run->sample, &run->proof, run->session, run->toc,
              run->toc != NULL ? &run->ddl_text : NULL);
    run->summary.dump_bytes = sink_get_size(run->sink);
    termPQExpBuffer(&selection);
}

/* Dump and report show up together, when nothing can fail any more but their renaming. */
void
run_finish_output(Run *run)
{
    Sink *sinks[2];
    size_t n = 0;

    run->summary.seconds = clock_seconds() - run->start;
    run->summary.is_staging = run->mode.is_staging;
    run->summary.is_written = run->sink != NULL;
    if (run->report != NULL)
        report_write(run->report, run->sample, &run->proof, &run->summary);
    if (run->sink != NULL)
        sinks[n++] = run->sink;
    if (run->report != NULL)
        sinks[n++] = run->report;
    sink_finish(sinks, n);
    if (!run->options->schema_only)
        report_print(run->sample, &run->proof, &run->summary);
}

static void
release(Run *run)
{
    if (run->ddl != NULL)
    {
        ddl_text_free(&run->ddl_text);
        toc_free(run->toc);
        ddl_free(run->ddl);
        environment_free(run->environment);
        if (run->service_fd >= 0)
            close(run->service_fd);
    }
    staging_close(run->staging);
    proof_free(&run->proof);
    run_provenance_forget(run);
    run_provenance_free_rows(run);
    sample_free(run->sample);
    termPQExpBuffer(&run->left_out);
    session_close(run->session);
    catalog_free(run->catalog);
    pg_programs_free(&run->programs);
    rules_free(&run->rules);
    subset_free(&run->subset);
    arena_free(run->arena);
}

/* What needs no snapshot; true when that is all that was asked for. */
static bool
answer_at_once(Run *run)
{
    const Options *options = run->options;

    if (options->cleanup != CLEANUP_NONE)
        cleanup_run(run->session->snapshot_db, options->cleanup,
                    run->options->sample_schema);
    else if (options->plan)
    {
        ChildIndex *indexes;

        run_make_plan(run);
        run_warnings(run);
        run->mode = mode_choose(options, &run->plan);
        indexes = child_index_load(run->session->snapshot_db, run->plan.graph);
        plan_print(&run->plan, &run->mode, indexes);
        free(indexes);
    }
    else
        return false;
    initPQExpBuffer(&run->left_out);
    return true;
}

void
run_open_output(Run *run)
{
    const Options *options = run->options;

    if (run_schema_is_needed(run))
        pg_programs_find(&run->programs, db_server_version(run->session->snapshot_db),
                         options->pg_dump);
    if (!options->verify_only)
        run->sink = sink_open(options->file, !options->no_sync);
    if (options->report != NULL)
        run->report = sink_open(options->report, !options->no_sync);
}

static void
connect_and_translate(Run *run, const Options *options)
{
    run_parse_rules(run);
    connect_session(run);
    run->translated = *options;
    run->translated.subset.nulls_cut = options->data_only;
    translate_options(&run->translated, run->arena, run->session->snapshot_db);
    if (run->translated.restore_search_path != NULL)
        path_probe_check(run->session, run->translated.restore_search_path);
    run->options = &run->translated;
    run_parse_rules(run);
}

static void
sample(Run *run)
{
    run_open_output(run);
    begin_snapshot(run);
    note_summary(run);
    run_sample_prepare_staging(run);
    report_unlogged(run);
    report_schemas_left_out(run);
    report_migration_tables(run);
    run_privileges_report_cut(run);
    run_warnings(run);
    run_schema_start(run);
    run_sample(run);
    run_schema_finish(run);
    if (!run->options->verify_only)
        run_write_dump(run);
    run_finish_output(run);
}

ExitCode
run(const Options *options)
{
    ExitCode status = EXIT_DONE;
    Run run = {.options = options, .start = clock_seconds(), .service_fd = -1};

    run.arena = arena_new();
    connect_and_translate(&run, options);
    if (options->resume)
        run_resume(&run);
    else if (!answer_at_once(&run))
        sample(&run);
    if (!options->plan && run.catalog != NULL && plan_count_skipped(&run.plan) > 0)
        status = EXIT_INCOMPLETE;
    release(&run);
    return status;
}
