#include "base/sqltext.h"
#include "programs/sample/run_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/log.h"
#include "db/row.h"
#include "db/sql_text.h"
#include "dump/archive.h"
#include "dump/missing_objects.h"
#include "dump/schema_choice.h"
#include "sample/skipped.h"

bool
run_schema_is_needed(const Run *run)
{
    const Options *options = run->options;

    /* a kept sample can be dumped with its schema later */
    return options->keep || (!options->data_only && !options->verify_only);
}

bool
run_schema_is_left_out(const Run *run, int relation)
{
    const Relation *relations = run->catalog->relations;
    const char *schema = relations[relation].schema;

    /* relations are sorted by schema */
    if (!relations[relation].is_of_loader ||
        (relation > 0 && strcmp(relations[relation - 1].schema, schema) == 0))
        return false;
    for (int i = relation;
         i < run->catalog->n_relations && strcmp(relations[i].schema, schema) == 0; i++)
    {
        if (run->plan.tables[i].is_selected)
            return false;
    }
    return true;
}

static void
append_excluded(Run *run, const char *qname)
{
    const char **patterns = run->schema.excluded;

    patterns[run->schema.ddl_options.n_exclude_tables++] = qname;
    run->schema.ddl_options.exclude_tables = patterns;
}

static void
exclude_schema(Run *run, const char *schema)
{
    PQExpBufferData pattern;

    initPQExpBuffer(&pattern);
    sqltext_append_quoted(&pattern, schema, strlen(schema));
    run->schema.excluded_schemas[run->schema.ddl_options.n_exclude_schemas++] =
        arena_copy_string(run->request.arena, pattern.data);
    run->schema.ddl_options.exclude_schemas = run->schema.excluded_schemas;
    termPQExpBuffer(&pattern);
}

static void
exclude_schemas(Run *run, PGresult *schemas)
{
    RowReader row = row_reader(schemas);

    while (row_next(&row))
        exclude_schema(run, row_text(&row));
}

/* The staging schemas of pg-sample and pg-sample-load, as patterns of pg_dump. */
static void
exclude_own_schemas(Run *run)
{
    PGresult *result = db_query(run->session->snapshot_db, sql_stage_marks);
    size_t n = (size_t)PQntuples(result) + (size_t)run->catalog->n_relations;

    run->schema.excluded_schemas =
        ARENA_ARRAY(run->catalog->arena, n, *run->schema.excluded_schemas);
    exclude_schemas(run, result);
    PQclear(result);
    for (int i = 0; i < run->catalog->n_relations; i++)
    {
        if (run_schema_is_left_out(run, i))
            exclude_schema(run, run->catalog->relations[i].schema);
    }
}

/* An unreadable table is left out, unless selected tables reference it. */
static void
check_readable(Run *run, int relation, bool is_wanted)
{
    PlanTable *table = &run->plan.tables[relation];
    const char *name = run->catalog->relations[relation].qname;

    if (table->has_no_definition || catalog_is_dumpable(run->catalog, relation) ||
        (run->catalog->relations[relation].is_of_loader && !is_wanted))
        return;
    table->has_no_definition = true;
    if (!is_wanted)
        log_notice("table %s is left out: the role cannot read it", name);
    else
        skipped_add(&run->plan, relation, "its definition cannot be read", NULL);
}

/* The tables that pg_dump cannot read, with the views that read them. */
static void
exclude_tables(Run *run)
{
    const Catalog *catalog = run->catalog;
    StringList views = missing_objects_spread(&run->plan, run->session->answers);

    run->schema.excluded =
        arena_alloc(catalog->arena, ((size_t)catalog->n_relations +
                                     (size_t)catalog->n_partitions + views.n_items) *
                                        sizeof(*run->schema.excluded));
    for (int i = 0; i < catalog->n_relations; i++)
    {
        if (run->plan.tables[i].has_no_definition)
            append_excluded(run, catalog->relations[i].qname);
    }
    for (int i = 0; i < catalog->n_partitions; i++)
    {
        const Partition *partition = &catalog->partitions[i];

        if (partition->relation >= 0 &&
            run->plan.tables[partition->relation].has_no_definition)
            append_excluded(run, partition->qname);
    }
    for (size_t i = 0; i < views.n_items; i++)
        append_excluded(run, views.items[i]);
    free(views.items);
}

static void
exclude_unreadable(Run *run)
{
    const Catalog *catalog = run->catalog;
    size_t n = (size_t)catalog->n_relations;
    bool *is_kept = ARENA_ARRAY(catalog->arena, n, bool);

    for (int i = 0; i < catalog->n_relations; i++)
        is_kept[i] = run->plan.tables[i].is_selected;
    graph_mark_defined(run->plan.graph, is_kept);
    for (int i = 0; i < catalog->n_relations; i++)
    {
        if (!catalog->relations[i].is_extension_member)
            check_readable(run, i, is_kept[i]);
    }
    exclude_tables(run);
}

/* pg_dump would leave its settings in a session of a pooler. */
static void
make_environment(Run *run)
{
    Db *db = run->session->snapshot_db;

    if (run->schema.environment != NULL)
        return;
    if (db_is_pooled(db) && !run->options->resume)
    {
        run->schema.relay = db_relay_open(db);
        run->schema.environment = db_relay_environment(run->schema.relay);
    }
    else
        run->schema.environment =
            db_connect_child_environment(db, &run->schema.service_fd);
}

static void
set_ddl_options(Run *run, bool keep_all)
{
    const Options *options = run->options;
    Db *db = run->session->snapshot_db;
    DbRelay *relay;

    make_environment(run);
    relay = run->schema.relay;
    run->schema.ddl_options =
        (DdlOptions){.relay = relay,
                     .pg_dump = run->schema.programs.pg_dump,
                     .pg_restore = run->schema.programs.pg_restore,
                     .environ = run->schema.environment,
                     .snapshot = relay == NULL ? run->session->snapshot : NULL,
                     .encoding = db_encoding(db),
                     .lock_timeout = options->lock_timeout,
                     .owner = options->owner,
                     .privileges = options->privileges,
                     .keep_all = keep_all,
                     .tablespaces = options->tablespaces,
                     .clean = options->clean,
                     .if_exists = options->if_exists,
                     .enable_row_security = options->enable_row_security};
}

bool
run_schema_can_start_early(const Run *run)
{
    return run_schema_is_needed(run) && !run->options->resume;
}

void
run_schema_start_early(Run *run)
{
    PGresult *result = db_query(run->session->snapshot_db, sql_stage_marks);
    size_t n = (size_t)PQntuples(result);

    set_ddl_options(run, mode_may_stage(run->options));
    run->schema.excluded_schemas =
        ARENA_ARRAY(run->request.arena, n, *run->schema.excluded_schemas);
    exclude_schemas(run, result);
    PQclear(result);
    run->schema.ddl = ddl_start(&run->schema.ddl_options);
}

void
run_schema_stop(Run *run)
{
    ddl_free(run->schema.ddl);
    run->schema.ddl = NULL;
}

void
run_schema_start(Run *run)
{
    if (!run_schema_is_needed(run))
        return;
    set_ddl_options(run, run->rows.mode.is_staging);
    exclude_own_schemas(run);
    exclude_unreadable(run);
    if (run->schema.ddl != NULL && !ddl_serves(run->schema.ddl, &run->schema.ddl_options))
        run_schema_stop(run);
    if (run->schema.ddl == NULL)
        run->schema.ddl = ddl_start(&run->schema.ddl_options);
    if (run->schema.ddl_options.relay != NULL)
        run_schema_wait(run);
}

void
run_schema_resume(Run *run)
{
    if (run->options->data_only)
        return;
    set_ddl_options(run, true);
    run->schema.ddl = ddl_resume(&run->schema.ddl_options,
                                 archive_load(run->rows.staging->staging_db,
                                              run->rows.staging->names.qschema));
}

void
run_schema_wait(Run *run)
{
    Diag diag = {0};

    if (ddl_wait(run->schema.ddl))
        return;
    diag.detail = db_error_describe_blockers(run->session->snapshot_db);
    if (diag.detail == NULL)
        die_message(EXIT_OUTPUT, "%s failed", run->schema.programs.pg_dump);
    diag_set_message(&diag, "pg_dump failed, probably because it could not lock a "
                            "table");
    diag_set_hint(&diag, "Wait until the other session ends, or raise --lock-timeout.");
    die(EXIT_SERVER, &diag);
}

void
run_schema_finish(Run *run)
{
    if (run->schema.ddl == NULL)
        return;
    run_schema_wait(run);
    run->schema.toc = ddl_finish(run->schema.ddl);
    schema_choice_make(run->schema.toc, run->rows.sample, &run->rows.proof, run->session,
                       run->options->superuser_objects, &run->schema.left_out);
    ddl_build_text(run->schema.ddl, run->schema.toc, &run->schema.ddl_text);
}
