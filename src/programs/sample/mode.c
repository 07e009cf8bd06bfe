#include "programs/sample/mode.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/plural.h"

static void __attribute__((format(printf, 3, 4)))
decide(ModeChoice *choice, bool is_staging, const char *format, ...)
{
    va_list args;

    choice->is_staging = is_staging;
    va_start(args, format);
    vsnprintf(choice->reason, sizeof(choice->reason), format, args);
    va_end(args);
}

static int
count_tables(const Plan *plan)
{
    int n = 0;

    for (int i = 0; i < plan->catalog->n_relations; i++)
        n += plan->tables[i].is_needed ? 1 : 0;
    return n;
}

/* The table with the most foreign keys of those with rows in the sample; -1: none. */
static int
find_most_keys(const Plan *plan)
{
    int found = -1;

    for (int i = 0; i < plan->catalog->n_relations; i++)
    {
        if (plan->tables[i].is_needed &&
            (found < 0 ||
             plan->graph->outgoing[i].n_items > plan->graph->outgoing[found].n_items))
            found = i;
    }
    return found;
}

/* The option that requires staging mode. */
static const char *
name_request(const Options *options)
{
    if (options->use_staging)
        return "--use-staging";
    if (options->keep)
        return "--keep";
    return options->force ? "--force" : "--verify-only";
}

bool
mode_may_stage(const Options *options)
{
    return !options->no_staging && !options->schema_only;
}

/* Does an option require staging mode, or request it? */
static bool
is_asked_for(const Options *options)
{
    return options->keep || options->force || options->verify_only ||
           options->use_staging;
}

int
mode_guess_tables(const Options *options)
{
    return mode_may_stage(options) && !is_asked_for(options) ? options->staging_tables + 1
                                                             : 0;
}

ModeChoice
mode_choose(const Options *options, const Plan *plan)
{
    ModeChoice choice = {.is_required =
                             options->keep || options->force || options->verify_only};
    int n_tables = count_tables(plan);
    int most = find_most_keys(plan);
    int n_keys = most < 0 ? 0 : plan->graph->outgoing[most].n_items;

    if (options->no_staging)
        decide(&choice, false, "--no-staging");
    else if (options->schema_only)
        decide(&choice, false, "--schema-only");
    else if (choice.is_required || options->use_staging)
        decide(&choice, true, "%s", name_request(options));
    else if (n_tables > options->staging_tables)
        decide(&choice, true, "%d table%s rows (--staging-tables is %d)", n_tables,
               plural_choose(n_tables, " gets", "s get"), options->staging_tables);
    else if (n_keys > options->staging_fks)
        decide(&choice, true, "table %s has %d foreign key%s (--staging-fks is %d)",
               plan->catalog->relations[most].qname, n_keys, plural(n_keys),
               options->staging_fks);
    else
        decide(&choice, false, "%d table%s rows, at most %d foreign key%s on one",
               n_tables, plural_choose(n_tables, " gets", "s get"), n_keys,
               plural(n_keys));
    return choice;
}
