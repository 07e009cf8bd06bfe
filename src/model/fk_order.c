#include "model/fk_order.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

static int
compare_names(const void *left, const void *right)
{
    const FkName *a = *(const FkName *const *)left;
    const FkName *b = *(const FkName *const *)right;
    int order = strcmp(a->referencing_qname, b->referencing_qname);

    if (order == 0 && a->is_declared != b->is_declared)
        return a->is_declared ? 1 : -1;
    if (order == 0)
        order = strcmp(a->name, b->name);
    /* the same reference may be declared twice */
    return order != 0 ? order : (a > b) - (a < b);
}

const FkOrder *
fk_order_build(const FkGraph *graph)
{
    Arena *arena = graph->catalog->arena;
    size_t n = (size_t)graph_count_links(graph);
    FkOrder *order = arena_alloc(arena, sizeof(*order));
    const FkName **sorted = arena_alloc(arena, n * sizeof(*sorted));

    order->n_fks = (int)n;
    order->names = arena_alloc(arena, n * sizeof(FkName));
    order->ranks = arena_alloc(arena, n * sizeof(int));
    order->by_rank = arena_alloc(arena, n * sizeof(int));
    for (size_t i = 0; i < n; i++)
    {
        Link link = graph_get_link(graph, (int)i);
        bool is_declared = link.reference != NULL;

        order->names[i] =
            (FkName){.referencing_qname =
                         is_declared ? graph->catalog->relations[link.referencing].qname
                                     : link.fk->foreign_key->referencing_qname,
                     .name =
                         is_declared ? link.reference->text : link.fk->foreign_key->qname,
                     .is_declared = is_declared,
                     .referencing = link.referencing,
                     .referenced = link.referenced};
        sorted[i] = &order->names[i];
    }
    if (n > 0)
        qsort(sorted, n, sizeof(*sorted), compare_names);
    for (size_t i = 0; i < n; i++)
    {
        order->by_rank[i] = (int)(sorted[i] - order->names);
        order->ranks[order->by_rank[i]] = (int)i;
    }
    return order;
}
