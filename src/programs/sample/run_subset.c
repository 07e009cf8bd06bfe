#include <string.h>

#include "base/die.h"
#include "base/log.h"
#include "programs/sample/run_internal.h"

void
run_subset_parse(Run *run)
{
    const SubsetOptions *options = &run->options->subset;
    const SubsetTexts texts = {.roots = &options->roots,
                               .root_files = &options->root_files,
                               .children = &options->children,
                               .where_columns = &options->where_columns};
    Diag diag = {0};

    subset_free(&run->request.subset);
    if (!subset_parse(&run->request.subset, run->request.arena, &texts, &diag))
        die(EXIT_USAGE, &diag);
    run->request.subset.depth = options->depth;
    run->request.subset.lookup_rows = options->lookup_rows;
    run->request.subset.warns_of_missing = options->warns_of_missing;
}

/* "= 0" prevents rows from being picked, but not from being included as children. */
void
run_subset_warn(const Run *run)
{
    for (int i = 0; i < run->catalog->n_relations; i++)
    {
        const PlanTable *table = &run->plan.tables[i];

        if (!table->is_entered || table->rule == NULL ||
            table->rule->kind != RULE_COUNT || table->rule->count > 0 ||
            strcmp(table->rule->pattern.text, "*") == 0)
            continue;
        log_warning_hint("--children limits the number of children, and "
                         "--exclude-table-data excludes all rows.",
                         "rule \"%s\" does not exclude children of root rows from "
                         "table %s; --children='%s = 0' does",
                         table->rule->text, run->catalog->relations[i].qname,
                         run->catalog->relations[i].qname);
    }
}

static void
append_patterns(PQExpBuffer text, const char *option, const StringList *patterns)
{
    for (size_t i = 0; i < patterns->n_items; i++)
        appendPQExpBuffer(text, "%s%s %s", text->len > 0 ? " " : "", option,
                          patterns->items[i]);
}

static void
append_subset(PQExpBuffer text, const SubsetOptions *subset)
{
    append_patterns(text, "--root", &subset->roots);
    append_patterns(text, "--root-file", &subset->root_files);
    append_patterns(text, "--children", &subset->children);
    append_patterns(text, "--where-column", &subset->where_columns);
    append_patterns(text, "--reference", &subset->references);
    append_patterns(text, "--ignore-fk", &subset->ignored);
    if (subset->depth != SUBSET_ANY_DEPTH)
        appendPQExpBuffer(text, "%s--depth %d", text->len > 0 ? " " : "", subset->depth);
    if (subset->lookup_rows > 0)
        appendPQExpBuffer(text, "%s--lookup-rows %d", text->len > 0 ? " " : "",
                          subset->lookup_rows);
}

void
run_subset_append_choice(PQExpBuffer text, const Options *options)
{
    append_subset(text, &options->subset);
    append_patterns(text, "--schema", &options->schemas);
    append_patterns(text, "--exclude-schema", &options->exclude_schemas);
    append_patterns(text, "--table", &options->tables);
    append_patterns(text, "--exclude-table", &options->exclude_tables);
    append_patterns(text, "--exclude-table-data", &options->exclude_table_data);
}
