#include "model/edge_order.h"

#include <stdlib.h>
#include <string.h>

static int
compare_names(const void *left, const void *right)
{
    const EdgeName *a = *(const EdgeName *const *)left;
    const EdgeName *b = *(const EdgeName *const *)right;
    int order = strcmp(a->referencing_qname, b->referencing_qname);

    if (order == 0)
        order = strcmp(a->qname, b->qname);
    /* names are different, unless the caller made some up */
    return order != 0 ? order : (a > b) - (a < b);
}

const EdgeOrder *
edge_order_build(const FkGraph *graph)
{
    Arena *arena = graph->catalog->arena;
    size_t n = (size_t)graph->n_edges;
    EdgeOrder *order = arena_alloc(arena, sizeof(*order));
    const EdgeName **sorted = arena_alloc(arena, n * sizeof(*sorted));

    order->n_edges = graph->n_edges;
    order->names = arena_alloc(arena, n * sizeof(EdgeName));
    order->ranks = arena_alloc(arena, n * sizeof(int));
    order->by_rank = arena_alloc(arena, n * sizeof(int));
    for (size_t i = 0; i < n; i++)
    {
        const ForeignKey *key = graph->edges[i].foreign_key;

        order->names[i] = (EdgeName){.referencing_qname = key->referencing_qname,
                                     .qname = key->qname,
                                     .referencing = key->referencing,
                                     .referenced = key->referenced};
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
