/*
 * --resume: the dump of a sample that an earlier run has kept in its staging schema.
 *
 * The schema must be that of a complete sample, and no other run may use it. The source
 * has changed since, so it is not read: the catalog and all else that the dump needs are
 * answers that were stored with the sample (db/answers.h), from which the same plan is
 * made again. The rows are proved again by the counts in the manifest, since the tables
 * may have been changed, and a crash of the server empties them (they are UNLOGGED).
 */
#include "sample/staging/staging.h"

#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/mem.h"
#include "base/sqltext.h"
#include "db/row.h"
#include "model/query_staging.h"
#include "sample/staging/staging_schema.h"

static const char sample_again_hint[] =
    "Run pg-sample again, with --force to replace the schema.";

static void
check_schema(Staging *staging)
{
    const char *schema = staging->options->schema;
    Diag diag = {0};
    char *comment;
    SchemaTrust trust = staging_schema_trust(staging->staging_db, schema, STAGING_RESUME,
                                             &comment, &diag);

    if (trust == TRUST_MISSING)
        die_hint(EXIT_SERVER, "Use --cleanup to list staging schemas.",
                 "schema \"%s\" does not exist", schema);
    else if (strncmp(comment, STAGING_MARK, strlen(STAGING_MARK)) != 0)
        die_hint(EXIT_SERVER, "Use --cleanup to list staging schemas.",
                 "schema \"%s\" was not created by pg-sample", schema);
    else if (trust == TRUST_FOREIGN)
        die(EXIT_SERVER, &diag);
    free(comment);
    if (!staging_schema_lock(staging->staging_db, schema))
        die_hint(EXIT_SERVER, "Wait for that run to end.",
                 "schema \"%s\" is in use by another run of pg-sample", schema);
}

static StagingRun
read_run(Staging *staging, Arena *arena)
{
    char *sql = mem_format(
        "SELECT database, server_version, pg_catalog.to_char(snapshot_time,"
        " 'YYYY-MM-DD\"T\"HH24:MI:SS.MSOF'), is_kept, state FROM %s.manifest_run",
        staging->names.qschema);
    PGresult *result = db_query(staging->staging_db, sql);
    RowReader row = row_reader(result);
    StagingRun run = {0};

    if (!row_next(&row))
        die_hint(EXIT_SERVER, sample_again_hint,
                 "the manifest of schema %s is empty, which happens in a "
                 "crash of the server",
                 staging->names.qschema);
    run.database = arena_copy_string(arena, row_text(&row));
    run.server_version = arena_copy_string(arena, row_text(&row));
    run.snapshot_time = arena_copy_string(arena, row_text(&row));
    run.is_kept = row_bool(&row);
    if (strcmp(row_text(&row), "sampling") == 0)
        die_hint(EXIT_SERVER, sample_again_hint,
                 "the sample in schema %s is not complete, and cannot be "
                 "completed without the snapshot of its run",
                 staging->names.qschema);
    PQclear(result);
    free(sql);
    return run;
}

StagingRun
staging_resume_open(Staging *staging, Arena *arena)
{
    PQExpBufferData text;

    db_session_need(staging->session->snapshot_db, "--resume");
    initPQExpBuffer(&text);
    sqltext_append_quoted(&text, staging->options->schema,
                          strlen(staging->options->schema));
    staging->names.schema = staging->options->schema;
    staging->names.qschema = arena_copy_string(arena, text.data);
    termPQExpBuffer(&text);
    staging->staging_db = db_connect_again(staging->session->snapshot_db);
    session_prepare(staging->session, staging->staging_db);
    db_session_set(staging->staging_db,
                   (const char *const[]){"default_transaction_read_only", "off",
                                         "client_min_messages", "warning", NULL});
    staging_join_by_hash(staging->staging_db);
    check_schema(staging);
    return read_run(staging, arena);
}

static int
find_source(const Catalog *catalog, const char *qname)
{
    for (int i = 0; i < catalog->n_relations; i++)
    {
        if (strcmp(catalog->relations[i].qname, qname) == 0)
            return i;
    }
    die_hint(EXIT_SERVER, sample_again_hint,
             "table %s of the manifest is not in the stored catalog", qname);
}

static void
read_manifest_row(Sample *sample, RowReader *row)
{
    int relation = find_source(sample->plan->catalog, row_text(row));
    SampleTable *table = &sample->tables[relation];
    bool is_skipped = row_bool(row);
    bool has_definition = row_bool(row);
    const char *error = row_text(row);

    table->n_picked = (size_t)row_int64(row);
    table->n_children = (size_t)row_int64(row);
    table->n_referenced = (size_t)row_int64(row);
    table->n_rows = table->n_picked + table->n_children + table->n_referenced;
    sample->staging->tables[relation].is_created = row_bool(row);
    if (!is_skipped)
        return;
    plan_skip_table(sample->plan, relation,
                    arena_copy_string(sample->plan->catalog->arena, error));
    sample->plan->tables[relation].has_no_definition = !has_definition;
}

/* The source has changed since, so dangling values cannot be counted again. */
static void
read_references(Sample *sample)
{
    char *sql = mem_format("SELECT number, n_references, n_dangling, n_lost"
                           " FROM %s.manifest_references",
                           sample->staging->names.qschema);
    PGresult *result = db_query(sample->staging->staging_db, sql);
    RowReader row = row_reader(result);

    while (row_next(&row))
    {
        int i = row_int(&row);
        SampleReference counts = {.n_references = (size_t)row_int64(&row),
                                  .n_dangling = (size_t)row_int64(&row),
                                  .n_skipped = (size_t)row_int64(&row)};

        if (i < sample->plan->catalog->n_references)
            sample->references[i] = counts;
    }
    PQclear(result);
    free(sql);
}

Sample *
staging_resume_sample(Staging *staging, const Plan *plan)
{
    Sample *sample;
    PGresult *result;
    RowReader row;
    char *sql;

    staging_plan(staging, plan);
    sample = staging_new_sample(staging);
    sql = mem_format(
        "SELECT source, state LIKE 'lost%%',\n"
        "       state <> 'lost, without its definition', error,\n"
        "       rows_picked, rows_children, rows_referenced, staging IS NOT NULL\n"
        "  FROM %s.manifest",
        staging->names.qschema);
    result = db_query(staging->staging_db, sql);
    row = row_reader(result);
    while (row_next(&row))
        read_manifest_row(sample, &row);
    PQclear(result);
    free(sql);
    read_references(sample);
    return sample;
}

/* ---- has it changed? */

static _Noreturn void
die_schema_changed(const Staging *staging, const char *what, const char *name)
{
    die_hint(EXIT_SERVER, sample_again_hint,
             "%s %s in schema %s does not match the manifest: it was "
             "changed, or emptied by a crash of the server",
             what, name, staging->names.qschema);
}

static void
check_row_counts(const Sample *sample, int relation, size_t n_rows, size_t n_distinct)
{
    const Staging *staging = sample->staging;

    if (n_rows != sample->tables[relation].n_rows || n_distinct != n_rows)
        die_schema_changed(staging, "table", staging->names.tables[relation].name);
}

static void
check_proven_keys(const Proof *proof, const Sample *sample)
{
    const Staging *staging = sample->staging;
    char *sql = mem_format("SELECT number, n_references, n_dangling, n_lost"
                           " FROM %s.manifest_keys",
                           staging->names.qschema);
    PGresult *result = db_query(staging->staging_db, sql);
    RowReader row = row_reader(result);

    while (row_next(&row))
    {
        int i = row_int(&row);
        const ProvenKey *proven = i < proof->n_keys ? &proof->keys[i] : NULL;

        if (proven == NULL || proven->n_references != (size_t)row_int64(&row) ||
            proven->n_dangling != (size_t)row_int64(&row) ||
            proven->n_skipped != (size_t)row_int64(&row))
            die_schema_changed(staging, "the references of foreign key",
                               proven != NULL ? staging->catalog->foreign_keys[i].name
                                              : "?");
    }
    PQclear(result);
    free(sql);
}

void
staging_resume_prove(Proof *proof, Sample *sample, const Session *session)
{
    staging_proof_count(proof, sample, check_row_counts);
    check_proven_keys(proof, sample);
    proof_report(proof, sample->plan, session);
}
