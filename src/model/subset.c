#include "model/subset.h"

static bool
parse_roots(Subset *subset, Arena *arena, const StringList *texts, Diag *diag)
{
    subset->roots = ARENA_ARRAY(arena, texts->n_items, *subset->roots);
    subset->n_roots = texts->n_items;
    for (size_t i = 0; i < texts->n_items; i++)
    {
        if (!root_rule_parse(&subset->roots[i], arena, texts->items[i], diag))
            return false;
    }
    return true;
}

static bool
parse_files(Subset *subset, Arena *arena, const StringList *texts, Diag *diag)
{
    int n_stdin = 0;

    subset->files = ARENA_ARRAY(arena, texts->n_items, *subset->files);
    subset->n_files = texts->n_items;
    for (size_t i = 0; i < texts->n_items; i++)
    {
        if (!root_file_parse(&subset->files[i], arena, texts->items[i], diag))
            return false;
        n_stdin += subset->files[i].is_stdin ? 1 : 0;
    }
    if (n_stdin <= 1)
        return true;
    diag_set_message(diag, "standard input is given for %d root files", n_stdin);
    diag_set_hint(diag, "It can be read once only.");
    return false;
}

static bool
parse_filters(Subset *subset, Arena *arena, const StringList *texts, Diag *diag)
{
    subset->filters = ARENA_ARRAY(arena, texts->n_items, *subset->filters);
    subset->n_filters = texts->n_items;
    for (size_t i = 0; i < texts->n_items; i++)
    {
        if (!where_column_parse(&subset->filters[i], arena, texts->items[i], diag))
            return false;
    }
    return true;
}

static bool
parse_children(Subset *subset, Arena *arena, const StringList *texts, Diag *diag)
{
    for (size_t i = 0; i < texts->n_items; i++)
    {
        if (!children_append(&subset->children, arena, texts->items[i], diag))
            return false;
    }
    return true;
}

bool
subset_parse(Subset *subset, Arena *arena, const SubsetTexts *texts, Diag *diag)
{
    *subset = (Subset){.depth = SUBSET_ANY_DEPTH};
    return parse_roots(subset, arena, texts->roots, diag) &&
           parse_files(subset, arena, texts->root_files, diag) &&
           parse_filters(subset, arena, texts->where_columns, diag) &&
           parse_children(subset, arena, texts->children, diag);
}

bool
subset_has_roots(const Subset *subset)
{
    return subset->n_roots > 0 || subset->n_files > 0 || subset->n_filters > 0;
}

void
subset_free(Subset *subset)
{
    children_free(&subset->children);
}
