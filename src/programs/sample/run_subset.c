#include <string.h>

#include "base/die.h"
#include "base/log.h"
#include "base/sqltext.h"
#include "programs/sample/run_internal.h"
#include "sample/masked/mask_hide.h"

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

/* A root rule names keys, or has a condition. */
static void
append_hidden_root(PQExpBuffer text, const char *root)
{
    const char *end = sqltext_find(root, ":=", NULL);

    if (end == NULL)
        end = root + strlen(root);
    appendBinaryPQExpBuffer(text, root, (size_t)(end - root));
    if (*end == ':')
        appendPQExpBufferStr(text, ":?");
    else
        mask_hide_append_sql(text, end);
}

static void
append_texts(PQExpBuffer text, const char *option, const StringList *texts,
             void (*append)(PQExpBuffer, const char *))
{
    for (size_t i = 0; i < texts->n_items; i++)
    {
        appendPQExpBuffer(text, "%s%s ", text->len > 0 ? " " : "", option);
        append(text, texts->items[i]);
    }
}

static void
append_as_given(PQExpBuffer text, const char *given)
{
    appendPQExpBufferStr(text, given);
}

static void
append_subset(PQExpBuffer text, const SubsetOptions *subset, bool is_hidden)
{
    append_texts(text, "--root", &subset->roots,
                 is_hidden ? append_hidden_root : append_as_given);
    append_patterns(text, "--root-file", &subset->root_files);
    append_patterns(text, "--children", &subset->children);
    append_texts(text, "--where-column", &subset->where_columns,
                 is_hidden ? mask_hide_append_sql : append_as_given);
    append_texts(text, "--reference", &subset->references,
                 is_hidden ? mask_hide_append_sql : append_as_given);
    append_patterns(text, "--ignore-fk", &subset->ignored);
    if (subset->depth != SUBSET_ANY_DEPTH)
        appendPQExpBuffer(text, "%s--depth %d", text->len > 0 ? " " : "", subset->depth);
    if (subset->lookup_rows > 0)
        appendPQExpBuffer(text, "%s--lookup-rows %d", text->len > 0 ? " " : "",
                          subset->lookup_rows);
}

static void
append_all_options(PQExpBuffer text, const Options *options, bool is_hidden)
{
    append_subset(text, &options->subset, is_hidden);
    append_patterns(text, "--schema", &options->schemas);
    append_patterns(text, "--exclude-schema", &options->exclude_schemas);
    append_patterns(text, "--table", &options->tables);
    append_patterns(text, "--exclude-table", &options->exclude_tables);
    append_patterns(text, "--exclude-table-data", &options->exclude_table_data);
}

void
run_subset_append_choice(PQExpBuffer text, const Options *options)
{
    append_all_options(text, options, false);
}

void
run_subset_append_hidden_choice(PQExpBuffer text, const Options *options)
{
    append_all_options(text, options, true);
}
