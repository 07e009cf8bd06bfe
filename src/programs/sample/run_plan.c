#include <inttypes.h>
#include <string.h>
#include <sys/random.h>

#include "base/die.h"
#include "base/log.h"
#include "model/catalog_load.h"
#include "model/ignored.h"
#include "model/reference.h"
#include "programs/sample/run_internal.h"
#include "sample/path_probe.h"
#include "sample/session_early.h"
#include "sample/skipped.h"

enum
{
    CATALOG_ATTEMPTS = 10
};

/* Ends the program with what is wrong in the i-th of n arguments of the option. */
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
run_plan_parse_rules(Run *run)
{
    const Options *options = run->options;
    Diag diag = {0};

    rules_free(&run->request.rules);
    run->request.rules = (RuleList){0};
    run_subset_parse(run);
    for (size_t i = 0; i < options->limits.n_items; i++)
    {
        if (!rules_append(&run->request.rules, run->request.arena,
                          options->limits.items[i], &diag))
            die_of_rule(options, "limit", i, options->limits.n_items, &diag);
    }
    run->request.references =
        ARENA_ARRAY(run->request.arena, options->subset.references.n_items,
                    ReferenceRule);
    run->request.n_references = options->subset.references.n_items;
    for (size_t i = 0; i < run->request.n_references; i++)
    {
        if (!reference_rule_parse(&run->request.references[i], run->request.arena,
                                  options->subset.references.items[i], &diag))
            die_of_rule(options, "reference", i, options->subset.references.n_items,
                        &diag);
    }
    mask_rule_free(&run->request.masks);
    for (size_t i = 0; i < options->mask.rules.n_items; i++)
    {
        if (!mask_rule_append(&run->request.masks, run->request.arena,
                              options->mask.rules.items[i], &diag))
            die_of_rule(options, "mask", i, options->mask.rules.n_items, &diag);
    }
    /* for tables that no rule matches */
    if (!rules_append(&run->request.rules, run->request.arena,
                      subset_has_roots(&run->request.subset) ? "* = 0" : "* = 100",
                      &diag))
        die(EXIT_USAGE, &diag);
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
run_plan_make(Run *run)
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
    if (!reference_load(run->catalog, run->session->answers, run->request.references,
                        run->request.n_references, &diag) ||
        !ignored_mark(run->catalog, &options->subset.ignored, options->subset.nulls_cut,
                      &diag))
        die(EXIT_USAGE, &diag);
    if (options->subset.ignored.n_items > 0)
        catalog_obstacles_load(run->catalog, run->session->answers);
    if (!plan_build(&run->plan, graph_build(run->catalog), &run->request.rules,
                    &selection, &run->request.subset, &diag) ||
        !ignored_check(&run->plan, &diag))
        die(EXIT_USAGE, &diag);
    run->plan.has_schema_dump = !options->data_only;
    run_subset_warn(run);
    if (options->schema_only)
        plan_skip_data(&run->plan);
    if (options->continue_on_error)
        skipped_add_unreadable(&run->plan);
}

const char *
run_plan_get_restore_path(const Run *run)
{
    const char *path = run->options->restore_search_path;

    return path != NULL && strcmp(path, "source") == 0 ? run->session->search_path : path;
}

static void
make_checked_plan(Run *run)
{
    run_plan_make(run);
    run_privileges_check(run);
    path_probe(run->session, &run->plan, run_plan_get_restore_path(run));
}

/*
 * Takes the snapshot, and lets pg_dump begin, before there is a plan, if that is
 * possible.
 */
static void
begin_early(Run *run)
{
    const Options *options = run->options;
    const EarlyOptions early = {.is_for_staging = mode_may_stage(options),
                                .min_tables = mode_guess_tables(options)};

    if (!run_schema_can_start_early(run) || !session_early_begin(run->session, &early))
        return;
    run_schema_start_early(run);
    log_verbose("pg_dump begins before the catalogs are read");
}

/* Plans, and takes the snapshot in which the plan is valid. */
void
run_plan_begin_snapshot(Run *run)
{
    begin_early(run);
    make_checked_plan(run);
    for (int attempt = 1; !session_begin(run->session, &run->plan); attempt++)
    {
        if (attempt == CATALOG_ATTEMPTS)
            die_hint(EXIT_SERVER, "Run it again when the schema is not being changed.",
                     "the schema changed %d times while the tables were being locked",
                     CATALOG_ATTEMPTS);
        run_schema_stop(run);
        log_verbose("the schema has changed; planning again");
        make_checked_plan(run);
    }
    choose_seed(run);
}
