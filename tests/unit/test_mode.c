/* programs/sample/mode.h: direct or staging mode, and what is said about it. */

#include "programs/sample/mode.h"

#include "base/arena.h"
#include "fake_catalog.h"
#include "tap.h"

static const Options defaults = {.staging_tables = 50, .staging_fks = 5};

/* The choice for so many tables that get rows, the last with so many foreign keys. */
static ModeChoice
choose(Options options, int n_tables, int n_keys)
{
    /* one more, which gets none and has more keys than the others */
    Catalog *catalog = fake_catalog(n_tables + 1);
    PlanTable *tables =
        arena_alloc(catalog->arena, (size_t)(n_tables + 1) * sizeof(PlanTable));
    Plan plan = {.catalog = catalog, .tables = tables};
    ModeChoice choice;

    for (int i = 0; i < n_tables; i++)
        tables[i].is_needed = true;
    for (int i = 0; n_tables > 0 && i < n_keys; i++)
        fake_foreign_key(catalog, n_tables - 1, "a", 0);
    for (int i = 0; i < 9; i++)
        fake_foreign_key(catalog, n_tables, "a", 0);
    plan.graph = graph_build(catalog);
    choice = mode_choose(&options, &plan);
    catalog_free(catalog);
    return choice;
}

static void
is_choice(ModeChoice choice, bool is_staging, bool is_required, const char *reason)
{
    ok(choice.is_staging == is_staging && choice.is_required == is_required,
       "%s mode%s: %s", is_staging ? "staging" : "direct", is_required ? ", or none" : "",
       reason);
    is_str(choice.reason, reason, "and it says why");
}

static void
test_thresholds(void)
{
    Options options = defaults;

    is_choice(choose(options, 50, 5), false, false,
              "50 tables get rows, at most 5 foreign keys on one");
    is_choice(choose(options, 51, 5), true, false,
              "51 tables get rows (--staging-tables is 50)");
    is_choice(choose(options, 50, 6), true, false,
              "table s.t49 has 6 foreign keys (--staging-fks is 5)");
    is_choice(choose(options, 51, 6), true, false,
              "51 tables get rows (--staging-tables is 50)");
    options.staging_tables = 1;
    is_choice(choose(options, 2, 0), true, false,
              "2 tables get rows (--staging-tables is 1)");
    options = defaults;
    options.staging_fks = 1;
    is_choice(choose(options, 2, 2), true, false,
              "table s.t1 has 2 foreign keys (--staging-fks is 1)");
    options.staging_fks = 0;
    is_choice(choose(options, 2, 0), false, false,
              "2 tables get rows, at most 0 foreign keys on one");
}

static void
test_wording(void)
{
    is_choice(choose(defaults, 0, 0), false, false,
              "0 tables get rows, at most 0 foreign keys on one");
    is_choice(choose(defaults, 1, 1), false, false,
              "1 table gets rows, at most 1 foreign key on one");
    is_choice(choose(defaults, 12, 3), false, false,
              "12 tables get rows, at most 3 foreign keys on one");
}

/* What is asked for counts more than sizes; and of several, the first here. */
static void
test_precedence(void)
{
    Options options = defaults;

    options.verify_only = true;
    is_choice(choose(options, 60, 0), true, true, "--verify-only");
    options.force = true;
    is_choice(choose(options, 1, 0), true, true, "--force");
    options.keep = true;
    is_choice(choose(options, 1, 0), true, true, "--keep");
    options.use_staging = true;
    is_choice(choose(options, 1, 0), true, true, "--use-staging");
    options = defaults;
    options.use_staging = true;
    is_choice(choose(options, 1, 0), true, false, "--use-staging");
    options = defaults;
    options.no_staging = true;
    is_choice(choose(options, 60, 9), false, false, "--no-staging");
    options = defaults;
    options.schema_only = true;
    is_choice(choose(options, 60, 9), false, false, "--schema-only");
}

int
main(void)
{
    test_thresholds();
    test_wording();
    test_precedence();
    return done_testing();
}
