/* A batch with an id: its files, and the tables of it that are to be loaded. */
#include "programs/load/load_run_internal.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/die.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/plural.h"
#include "load/plan/target.h"
#include "load/registry/claim.h"

static _Noreturn void
die_without_fragments(const LoadRun *run)
{
    char *hint = mem_format("They are looked for in %s/TABLE.", run->files.path);

    die_hint(EXIT_SERVER, hint,
             "Batch validation failed: No fragments found for batch %s",
             run->options->settings.batch_id);
}

void
load_claim_discover(LoadRun *run)
{
    const LoadOptions *options = run->options;
    Diag diag = {0};

    log_info("Validating batch: %s", options->settings.batch_id);
    if (!discover_batch(&run->files, options->batch_root, options->settings.batch_id,
                        run->arena, &diag))
        die(EXIT_CONNECTION, &diag);
    if (run->files.n_directories == 0)
        die_without_fragments(run);
}

/* ---- the tables */

/* SCHEMA.NAME in the arena. */
static const char *
qualify(Arena *arena, const char *schema, const char *name)
{
    char *text = mem_format("%s.%s", schema, name);
    const char *copy = arena_copy_string(arena, text);

    free(text);
    return copy;
}

static bool
is_excluded(LoadRun *run, const char *quoted, const char *target)
{
    return load_excludes_match(run, quoted) || load_excludes_match(run, target);
}

static ClaimTable
make_claim_table(LoadRun *run, const BatchDirectory *directory, int relation)
{
    const Relation *found = &run->catalog->relations[relation];
    const TableSettings *settings =
        run->plan.find_settings(run, found->schema, found->name);
    ClaimTable table = {.files = *directory,
                        .relation = relation,
                        .name = qualify(run->arena, found->schema, found->name),
                        .qname = found->qname};

    table.options = load_claim_options(run, settings);
    return table;
}

static void
add_claim_table(LoadRun *run, Claim *claim, const BatchDirectory *directory)
{
    const char *quoted = load_sources_quote(run->arena, directory->table);
    const char *target = table_settings_find_target(run->options, quoted);
    int relation;

    if (is_excluded(run, quoted, target))
        return;
    relation = target_find(run->batch.db, run->catalog, target);
    if (load_excludes_match(run, run->catalog->relations[relation].qname) ||
        !load_plan_wants(&run->plan, relation))
        return;
    load_plan_refuse_own(&run->batch, relation);
    for (int i = 0; i < claim->n_tables; i++)
    {
        if (claim->tables[i].relation == relation)
            die_hint(EXIT_CONNECTION, "Put the files of both into one directory.",
                     "the directories %s and %s of batch %s are of one table",
                     claim->tables[i].files.table, directory->table, claim->id);
    }
    claim->tables[claim->n_tables++] = make_claim_table(run, directory, relation);
}

static Claim *
make_claim(LoadRun *run)
{
    const BatchFiles *files = &run->files;
    Claim *claim = arena_alloc(run->arena, sizeof(*claim));

    *claim = (Claim){.id = run->options->settings.batch_id,
                     .path = files->path,
                     .log = qualify(run->arena, run->batch.schema, "batch_load_log")};
    claim->tables = ARENA_ARRAY(run->arena, files->n_directories, ClaimTable);
    for (size_t i = 0; i < files->n_directories; i++)
        add_claim_table(run, claim, &files->directories[i]);
    load_plan_check_only(&run->batch, &run->plan);
    if (claim->n_tables == 0)
        die_without_fragments(run);
    return claim;
}

/* ---- the files to be read */

/* Of the tables that are not loaded yet. */
static BatchFiles
choose_files(LoadRun *run, Claim *claim)
{
    BatchFiles files = {.path = run->files.path};
    int n_sources = 0;

    files.directories = ARENA_ARRAY(run->arena, claim->n_tables, BatchDirectory);
    for (int i = 0; i < claim->n_tables; i++)
    {
        ClaimTable *table = &claim->tables[i];

        if (table->is_loaded)
            continue;
        files.directories[files.n_directories++] = table->files;
        table->first_source = n_sources;
        n_sources += (int)table->files.n_fragments;
    }
    return files;
}

static void
narrate_claim(const LoadRun *run, const BatchFiles *files)
{
    int64_t n_tables = (int64_t)files->n_directories;
    int64_t n_fragments = run->batch.n_sources;

    log_info("Loading batch %s: %" PRId64 " table%s, %" PRId64 " fragment%s",
             run->options->settings.batch_id, n_tables, plural(n_tables), n_fragments,
             plural(n_fragments));
    for (size_t i = 0; i < files->n_directories; i++)
        log_info("Loading table: %s (%zu fragment%s)", files->directories[i].table,
                 files->directories[i].n_fragments,
                 plural((int64_t)files->directories[i].n_fragments));
}

bool
load_claim_begin(LoadRun *run)
{
    LoadBatch *batch = &run->batch;
    Claim *claim = make_claim(run);
    BatchFiles files;

    batch->claim = claim;
    claim_take(batch);
    claim_other_find(batch);
    claim_compare(batch);
    files = choose_files(run, claim);
    if (files.n_directories == 0)
        return false;
    if (run->options->request == LOAD_APPROVE)
    {
        claim_approve(batch);
        return false;
    }
    claim_other_check(batch);
    load_sources_take(run, &files);
    batch->hashes = ARENA_ARRAY(run->arena, batch->n_sources, BytesHash);
    narrate_claim(run, &files);
    return true;
}

/* ---- afterwards */

void
load_claim_check_records(const LoadRun *run)
{
    const LoadSettings *settings = run->batch.settings;
    int64_t n_records = 0;

    for (int i = 0; i < run->batch.n_tables; i++)
        n_records += run->batch.tables[i].counts.n_source;
    if (settings->max_records > 0 && n_records > settings->max_records)
        die_hint(EXIT_SERVER,
                 "Use --max-records, or the environment variable MAX_RECORDS_PER_BATCH, "
                 "to allow more; 0 allows any number.",
                 "batch %s has %" PRId64 " records, more than the maximum of %" PRId64
                 "; nothing was loaded",
                 settings->batch_id, n_records, settings->max_records);
}

void
load_claim_fail(LoadRun *run, int status)
{
    LoadBatch *batch = &run->batch;
    const char *error = log_get_error();

    if (batch->claim == NULL || batch->claim->is_refused || status == EXIT_UNKNOWN ||
        batch->settings->dry_run != DRY_RUN_NO ||
        (run->options->request != LOAD_SOURCES && !batch->claim->is_rollback))
        return;
    claim_fail(batch, error != NULL ? error : "interrupted");
}
