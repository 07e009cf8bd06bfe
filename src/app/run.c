#include "config.h"

#include "app/run.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "app/plan_print.h"
#include "app/report.h"
#include "app/translate.h"
#include "base/log.h"
#include "db/environment.h"
#include "dump/ddl.h"
#include "dump/emit.h"
#include "dump/largeobjects.h"
#include "dump/pg_programs.h"
#include "dump/schema_choice.h"
#include "model/layout.h"
#include "sample/pick.h"

enum
{
    CATALOG_ATTEMPTS = 10,
    SPOOL_MEMORY = 64 * 1024 * 1024, /* bytes of rows kept in memory */
    MAX_TRANSACTION_LOCKS = 6000     /* what a default server has for one transaction */
};

/* Everything that a run owns, in the order in which it comes to be. */
typedef struct Run
{
    const Options *options;
    Options translated; /* the same, in the encoding of the dump */
    Arena *arena;       /* for texts of the two */
    Session *session;
    RuleList rules;
    Catalog *catalog;
    Plan plan;
    Sink *sink;
    Sink *report; /* or NULL */
    PgPrograms programs;
    char **environment;
    int service_fd;
    const char **excluded;  /* tables that pg_dump leaves out */
    DdlOptions ddl_options; /* the Ddl refers to them */
    Ddl *ddl;
    DdlText ddl_text;
    Toc *toc;
    Sample *sample;
    Proof proof;
    PQExpBufferData left_out;
    RunFacts facts;
    struct timespec start;
} Run;

static double
seconds_since(const struct timespec *start)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - start->tv_sec) +
           (double)(now.tv_nsec - start->tv_nsec) / 1e9;
}

static void
parse_rules(Run *run)
{
    const Options *options = run->options;
    Diag diag = {0};

    rules_free(&run->rules);
    run->rules = (RuleList){0};
    for (size_t i = 0; i < options->limits.n_items; i++)
    {
        if (!rules_append(&run->rules, run->arena, options->limits.items[i], &diag))
            die(EXIT_USAGE, &diag);
    }
    /* what no rule matches */
    if (!rules_append(&run->rules, run->arena, "* = 100", &diag))
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
                                    .enable_row_security = options->enable_row_security};

    run->session = session_open(db_connect(&target), &session);
    log_verbose("connected to database \"%s\" on server %s",
                db_name(run->session->holder),
                db_server_version_text(run->session->holder));
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

static void
make_plan(Run *run)
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
    if (!plan_build(&run->plan, run->catalog, graph_build(run->catalog), &run->rules,
                    &selection, &diag))
        die(EXIT_USAGE, &diag);
    run->plan.has_schema_dump = !options->data_only;
    if (options->schema_only)
        plan_skip_data(&run->plan);
}

/* Plans, and takes the snapshot that the plan is valid in. */
static void
begin_snapshot(Run *run)
{
    make_plan(run);
    for (int attempt = 1; !session_begin(run->session, &run->plan); attempt++)
    {
        if (attempt == CATALOG_ATTEMPTS)
            die_hint(EXIT_SERVER, "Run again when the schema is at rest.",
                     "the schema changed %d times while the tables were being locked",
                     CATALOG_ATTEMPTS);
        log_verbose("the schema has changed meanwhile; planning again");
        make_plan(run);
    }
    choose_seed(run);
}

static void
tell_unlogged(const Run *run)
{
    for (int i = 0; run->catalog->is_standby && i < run->catalog->n_relations; i++)
    {
        if (run->catalog->relations[i].is_unlogged && run->plan.tables[i].is_selected)
            log_notice("table %s is unlogged: a standby has no rows of it",
                       run->catalog->relations[i].qname);
    }
}

static void
note_facts(Run *run)
{
    Db *db = run->session->holder;
    char *now =
        db_query_value(db,
                       "SELECT pg_catalog.to_char(pg_catalog.transaction_timestamp(), "
                       "'YYYY-MM-DD\"T\"HH24:MI:SS.MSOF')");

    snprintf(run->facts.snapshot_time, sizeof(run->facts.snapshot_time), "%s", now);
    free(now);
    run->facts.version = PACKAGE_VERSION;
    run->facts.database = db_name(db);
    run->facts.server_version = db_server_version_text(db);
    run->facts.host = db_host(db) != NULL ? db_host(db) : "";
}

/* Can pg_dump lock the table and its partitions, for which it needs SELECT? */
static bool
is_dumpable(const Catalog *catalog, int relation)
{
    if (!catalog->relations[relation].is_readable)
        return false;
    for (int i = 0; i < catalog->n_partitions; i++)
    {
        if (catalog->partitions[i].relation == relation &&
            !catalog->partitions[i].is_readable)
            return false;
    }
    return true;
}

static void
append_excluded(Run *run, const char *qname)
{
    const char **patterns = run->excluded;

    patterns[run->ddl_options.n_exclude_tables++] = qname;
    run->ddl_options.exclude_tables = patterns;
}

/* What may not be read cannot come along; what selected tables refer to must. */
static void
exclude_unreadable(Run *run)
{
    const Catalog *catalog = run->catalog;
    size_t n = (size_t)catalog->n_relations;
    bool *is_kept = arena_alloc(catalog->arena, n * sizeof(bool));

    run->excluded = arena_alloc(catalog->arena, (n + (size_t)catalog->n_partitions) *
                                                    sizeof(*run->excluded));
    for (int i = 0; i < catalog->n_relations; i++)
        is_kept[i] = run->plan.tables[i].is_selected;
    graph_mark_referenced(run->plan.graph, is_kept);
    for (int i = 0; i < catalog->n_relations; i++)
    {
        const Relation *relation = &catalog->relations[i];

        if (relation->is_extension_member || is_dumpable(catalog, i))
            continue;
        if (is_kept[i])
            die_hint(EXIT_SERVER,
                     "Grant SELECT on it and on its partitions, or leave out what refers "
                     "to it with --exclude-table.",
                     "table %s may not be read, and it is selected or selected tables "
                     "refer to it",
                     relation->qname);
        log_notice("table %s is left out: it may not be read", relation->qname);
        append_excluded(run, relation->qname);
        for (int j = 0; j < catalog->n_partitions; j++)
        {
            if (catalog->partitions[j].relation == i)
                append_excluded(run, catalog->partitions[j].qname);
        }
    }
}

static void
start_schema_dump(Run *run)
{
    const Options *options = run->options;
    Db *db = run->session->holder;

    if (options->data_only)
        return;
    run->environment = db_child_environment(db, &run->service_fd);
    run->ddl_options = (DdlOptions){.pg_dump = run->programs.pg_dump,
                                    .pg_restore = run->programs.pg_restore,
                                    .environ = run->environment,
                                    .snapshot = run->session->snapshot,
                                    .encoding = db_encoding(db),
                                    .lock_timeout = options->lock_timeout,
                                    .owner = options->owner,
                                    .privileges = options->privileges,
                                    .tablespaces = options->tablespaces,
                                    .clean = options->clean,
                                    .if_exists = options->if_exists,
                                    .enable_row_security = options->enable_row_security};
    exclude_unreadable(run);
    run->ddl = ddl_start(&run->ddl_options);
}

static void
wait_for_schema_dump(Run *run)
{
    Diag diag = {0};

    if (ddl_wait(run->ddl))
        return;
    diag.detail = db_describe_blockers(run->session->holder);
    if (diag.detail == NULL)
        die_message(EXIT_OUTPUT, "%s failed", run->programs.pg_dump);
    diag_set_message(&diag, "pg_dump failed, perhaps for want of a lock");
    diag_set_hint(&diag, "Wait for it to end, or raise --lock-timeout.");
    die(EXIT_SERVER, &diag);
}

static void
take_sample(Run *run)
{
    const RowLayout *layouts = layout_build(run->plan.graph);

    if (run->ddl != NULL && run->session->is_crowded)
        wait_for_schema_dump(run);
    pick_check_conditions(run->session, &run->plan);
    run->sample =
        sample_new(&run->plan, layouts, SPOOL_MEMORY, largeobjects_exist(run->session));
    closure_run(run->sample, run->session, &run->facts.closure);
    log_verbose("sampled in %.2f s; at most %d passes, %d recursive queries",
                seconds_since(&run->start), run->facts.closure.n_waves,
                run->facts.closure.n_drained);
    proof_run(&run->proof, run->sample, run->session);
    log_verbose("proved %zu references", run->proof.n_references);
}

static void
finish_schema(Run *run)
{
    initPQExpBuffer(&run->left_out);
    if (run->ddl == NULL)
        return;
    if (!run->session->is_crowded)
        wait_for_schema_dump(run);
    run->toc = ddl_finish(run->ddl);
    schema_choose(run->toc, run->sample, &run->proof, run->session,
                  run->options->superuser_objects, &run->left_out);
    ddl_build_text(run->ddl, run->toc, &run->ddl_text);
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

static void
append_patterns(PQExpBuffer text, const char *option, const StringList *patterns)
{
    for (size_t i = 0; i < patterns->n_items; i++)
        appendPQExpBuffer(text, "%s%s %s", text->len > 0 ? " " : "", option,
                          patterns->items[i]);
}

static void
write_dump(Run *run)
{
    const Options *options = run->options;
    PQExpBufferData selection;
    EmitOptions emit = {.version = PACKAGE_VERSION,
                        .database = run->facts.database,
                        .server_version = run->facts.server_version,
                        .limits = &options->limits,
                        .left_out = run->left_out.data,
                        .has_schema = !options->data_only,
                        .has_data = !options->schema_only,
                        .is_clean = options->clean,
                        .is_in_transaction = fits_one_transaction(run),
                        .rows = {.is_ordered = options->order == PICK_NEWEST ||
                                               options->order == PICK_OLDEST,
                                 .rows_per_insert =
                                     options->inserts ? options->rows_per_insert : 0,
                                 .disable_triggers = options->disable_triggers}};

    initPQExpBuffer(&selection);
    append_patterns(&selection, "--schema", &options->schemas);
    append_patterns(&selection, "--exclude-schema", &options->exclude_schemas);
    append_patterns(&selection, "--table", &options->tables);
    append_patterns(&selection, "--exclude-table", &options->exclude_tables);
    append_patterns(&selection, "--exclude-table-data", &options->exclude_table_data);
    emit.selection = selection.data;
    emit_dump(run->sink, &emit, run->sample, &run->proof, run->session, run->toc,
              run->toc != NULL ? &run->ddl_text : NULL);
    run->facts.dump_bytes = sink_get_size(run->sink);
    termPQExpBuffer(&selection);
}

/* Dump and report show up together, when nothing can fail any more but their renaming. */
static void
finish_output(Run *run)
{
    run->facts.seconds = seconds_since(&run->start);
    if (run->report != NULL)
        report_write(run->report, run->sample, &run->proof, &run->facts);
    sink_finish(run->sink);
    if (run->report != NULL)
        sink_finish(run->report);
    if (!run->options->schema_only)
        report_print(run->sample, &run->proof, &run->facts);
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
    proof_free(&run->proof);
    sample_free(run->sample);
    termPQExpBuffer(&run->left_out);
    session_close(run->session);
    catalog_free(run->catalog);
    pg_programs_free(&run->programs);
    rules_free(&run->rules);
    arena_free(run->arena);
}

void
run(const Options *options)
{
    Run run = {.options = options, .service_fd = -1};

    clock_gettime(CLOCK_MONOTONIC, &run.start);
    run.arena = arena_new();
    parse_rules(&run);
    connect_session(&run);
    run.translated = *options;
    translate_options(&run.translated, run.arena, run.session->holder);
    run.options = &run.translated;
    parse_rules(&run);
    if (options->plan)
    {
        make_plan(&run);
        plan_print(&run.plan);
        initPQExpBuffer(&run.left_out);
        release(&run);
        return;
    }
    if (!options->data_only)
        pg_programs_find(&run.programs, db_server_version(run.session->holder),
                         options->pg_dump);
    run.sink = sink_open(options->file, !options->no_sync);
    if (options->report != NULL)
        run.report = sink_open(options->report, !options->no_sync);
    begin_snapshot(&run);
    note_facts(&run);
    tell_unlogged(&run);
    start_schema_dump(&run);
    take_sample(&run);
    finish_schema(&run);
    write_dump(&run);
    finish_output(&run);
    release(&run);
}
