/* Which tables of the sources --exclude-table leaves out. */
#include "programs/load/load_run_internal.h"

#include "base/die.h"
#include "programs/load/table_layer.h"

void
load_excludes_parse(LoadRun *run)
{
    const StringList *texts = &run->options->exclude_tables;
    Diag diag = {0};

    run->excludes = ARENA_ARRAY(run->arena, texts->n_items, Pattern);
    run->are_excludes_used = ARENA_ARRAY(run->arena, texts->n_items, bool);
    for (size_t i = 0; i < texts->n_items; i++)
    {
        if (!pattern_parse(&run->excludes[i], run->arena, texts->items[i], &diag))
            die(EXIT_USAGE, &diag);
    }
}

bool
load_excludes_match(void *context, const char *name)
{
    LoadRun *run = context;
    bool is_excluded = false;
    TableName parts;

    if (run->options->exclude_tables.n_items == 0 ||
        !table_name_parse(name, &parts, run->arena))
        return false;
    for (size_t i = 0; i < run->options->exclude_tables.n_items; i++)
    {
        const Pattern *pattern = &run->excludes[i];

        if ((parts.schema == NULL && pattern->schema != NULL) ||
            !pattern_matches(pattern, parts.schema, parts.name))
            continue;
        run->are_excludes_used[i] = true;
        is_excluded = true;
    }
    return is_excluded;
}

void
load_excludes_check(const LoadRun *run)
{
    for (size_t i = 0; i < run->options->exclude_tables.n_items; i++)
    {
        if (run->excludes != NULL && !run->are_excludes_used[i])
            die_message(EXIT_SERVER,
                        "no table of the sources matches \"%s\" of --exclude-table",
                        run->excludes[i].text);
    }
}
