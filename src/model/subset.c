#include "model/subset.h"

static bool
parse_roots(Slice *slice, Arena *arena, const StringList *texts, Diag *diag)
{
    slice->roots = arena_alloc(arena, texts->n_items * sizeof(*slice->roots));
    slice->n_roots = texts->n_items;
    for (size_t i = 0; i < texts->n_items; i++)
    {
        if (!root_rule_parse(&slice->roots[i], arena, texts->items[i], diag))
            return false;
    }
    return true;
}

static bool
parse_files(Slice *slice, Arena *arena, const StringList *texts, Diag *diag)
{
    int n_stdin = 0;

    slice->files = arena_alloc(arena, texts->n_items * sizeof(*slice->files));
    slice->n_files = texts->n_items;
    for (size_t i = 0; i < texts->n_items; i++)
    {
        if (!root_file_parse(&slice->files[i], arena, texts->items[i], diag))
            return false;
        n_stdin += slice->files[i].is_stdin ? 1 : 0;
    }
    if (n_stdin <= 1)
        return true;
    diag_set_message(diag, "standard input is given for %d root files", n_stdin);
    diag_set_hint(diag, "It can be read once only.");
    return false;
}

static bool
parse_filters(Slice *slice, Arena *arena, const StringList *texts, Diag *diag)
{
    slice->filters = arena_alloc(arena, texts->n_items * sizeof(*slice->filters));
    slice->n_filters = texts->n_items;
    for (size_t i = 0; i < texts->n_items; i++)
    {
        if (!where_column_parse(&slice->filters[i], arena, texts->items[i], diag))
            return false;
    }
    return true;
}

static bool
parse_children(Slice *slice, Arena *arena, const StringList *texts, Diag *diag)
{
    for (size_t i = 0; i < texts->n_items; i++)
    {
        if (!children_append(&slice->children, arena, texts->items[i], diag))
            return false;
    }
    return true;
}

bool
slice_parse(Slice *slice, Arena *arena, const SliceTexts *texts, Diag *diag)
{
    *slice = (Slice){.depth = SLICE_ANY_DEPTH};
    return parse_roots(slice, arena, texts->roots, diag) &&
           parse_files(slice, arena, texts->root_files, diag) &&
           parse_filters(slice, arena, texts->where_columns, diag) &&
           parse_children(slice, arena, texts->children, diag);
}

bool
slice_has_roots(const Slice *slice)
{
    return slice->n_roots > 0 || slice->n_files > 0 || slice->n_filters > 0;
}

void
slice_free(Slice *slice)
{
    children_free(&slice->children);
}
