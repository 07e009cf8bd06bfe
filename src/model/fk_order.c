#include "model/fk_order.h"

#include <stdlib.h>
#include <string.h>

static int
compare_names(const void *left, const void *right)
{
    const EdgeName *a = *(const EdgeName *const *)left;
    const EdgeName *b = *(const EdgeName *const *)right;
    int order = strcmp(a->referencing_qname, b->referencing_qname);

    if (order == 0 && a->is_declared != b->is_declared)
        return a->is_declared ? 1 : -1;
    if (order == 0)
        order = strcmp(a->name, b->name);
    /* the same reference may be declared twice */
    return order != 0 ? order : (a > b) - (a < b);
}

const EdgeOrder *
edge_order_build(const FkGraph *graph)
{
    Arena *arena = graph->catalog->arena;
    size_t n = (size_t)graph_count_ways(graph);
    EdgeOrder *order = arena_alloc(arena, sizeof(*order));
    const EdgeName **sorted = arena_alloc(arena, n * sizeof(*sorted));

    order->n_edges = (int)n;
    order->names = arena_alloc(arena, n * sizeof(EdgeName));
    order->ranks = arena_alloc(arena, n * sizeof(int));
    order->by_rank = arena_alloc(arena, n * sizeof(int));
    for (size_t i = 0; i < n; i++)
    {
        Way way = graph_get_way(graph, (int)i);
        bool is_declared = way.reference != NULL;

        order->names[i] =
            (EdgeName){.referencing_qname =
                           is_declared ? graph->catalog->relations[way.referencing].qname
                                       : way.edge->foreign_key->referencing_qname,
                       .name = is_declared ? way.reference->text
                                           : way.edge->foreign_key->qname,
                       .is_declared = is_declared,
                       .referencing = way.referencing,
                       .referenced = way.referenced};
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
