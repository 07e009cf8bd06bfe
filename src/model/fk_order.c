#include "model/fk_order.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

static int
compare_links(const void *left, const void *right)
{
    const FkName *a = *(const FkName *const *)left;
    const FkName *b = *(const FkName *const *)right;
    int order = strcmp(a->referencing_qname, b->referencing_qname);

    if (order == 0 && a->is_declared != b->is_declared)
        return a->is_declared ? 1 : -1;
    if (order == 0)
        order = strcmp(a->name, b->name);
    /* the same reference can be declared twice */
    return order != 0 ? order : a->number - b->number;
}

const FkOrder *
fk_order_build(const FkGraph *graph)
{
    Arena *arena = graph->catalog->arena;
    int n_links = graph->n_links;
    size_t n = (size_t)n_links;
    FkOrder *order = arena_alloc(arena, sizeof(*order));
    const FkName **sorted = ARENA_ARRAY(arena, n, *sorted);

    order->n_links = n_links;
    order->names = ARENA_ARRAY(arena, n, FkName);
    order->ranks = ARENA_ARRAY(arena, n, int);
    order->by_rank = ARENA_ARRAY(arena, n, int);
    for (int i = 0; i < n_links; i++)
    {
        const Link *link = &graph->links[i];
        bool is_declared = link->reference != NULL;

        order->names[i] =
            (FkName){.number = link->number,
                     .referencing_qname =
                         is_declared ? graph->catalog->relations[link->referencing].qname
                                     : link->fk->foreign_key->referencing_qname,
                     .name = is_declared ? link->reference->text
                                         : link->fk->foreign_key->qname,
                     .is_declared = is_declared,
                     .referencing = link->referencing,
                     .referenced = link->referenced};
        sorted[i] = &order->names[i];
    }
    if (n_links > 0)
        qsort(sorted, n, sizeof(*sorted), compare_links);
    for (int i = 0; i < n_links; i++)
    {
        order->by_rank[i] = sorted[i]->number;
        order->ranks[order->by_rank[i]] = i;
    }
    return order;
}
