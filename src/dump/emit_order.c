#include "dump/emit_order.h"

#include <string.h>

#include "base/strbuf.h"

void
emit_order_by_name(EmitOrder *order, const FkGraph *graph)
{
    const Catalog *catalog = graph->catalog;
    size_t n = (size_t)catalog->n_relations;

    *order = (EmitOrder){.relations = arena_alloc(catalog->arena, n * sizeof(int))};
    for (int i = 0; i < catalog->n_relations; i++)
        order->relations[i] = i;
}

/* Must the referenced relation come before this one, inside of their component? */
static bool
is_waiting(const FkGraph *graph, int relation, const bool *is_placed,
           const bool *has_rows)
{
    const IntList *outgoing = &graph->outgoing[relation];

    for (int i = 0; i < outgoing->n_items; i++)
    {
        const ForeignKey *key = graph->edges[outgoing->items[i]].foreign_key;
        int referenced = key->referenced;

        if (referenced != relation && !key->is_deferrable && has_rows[referenced] &&
            !is_placed[referenced])
            return true;
    }
    return false;
}

static void
describe_cycle(Diag *diag, const FkGraph *graph, const Component *component,
               const bool *is_placed)
{
    PQExpBufferData names;

    initPQExpBuffer(&names);
    for (int i = 0; i < component->relations.n_items; i++)
    {
        int relation = component->relations.items[i];

        if (!is_placed[relation])
            appendPQExpBuffer(&names, "%s%s", names.len > 0 ? ", " : "",
                              graph->catalog->relations[relation].qname);
    }
    diag_set_message(diag, "no order of tables satisfies the foreign keys of %s",
                     names.data);
    diag_set_detail(diag, "They form a cycle in which no key is deferrable.");
    diag_set_hint(diag, "Let a superuser restore and add --disable-triggers, make one of "
                        "the keys DEFERRABLE, or leave out --data-only.");
    termPQExpBuffer(&names);
}

/* Places the relations of one component; those that wait come in later rounds. */
static bool
place_component(EmitOrder *order, int *n_placed, const FkGraph *graph,
                const Component *component, bool *is_placed, const bool *has_rows)
{
    int n_left = component->relations.n_items;
    bool has_progress = true;

    while (n_left > 0 && has_progress)
    {
        has_progress = false;
        for (int i = 0; i < component->relations.n_items; i++)
        {
            int relation = component->relations.items[i];

            if (is_placed[relation] ||
                (has_rows[relation] && is_waiting(graph, relation, is_placed, has_rows)))
                continue;
            is_placed[relation] = true;
            order->relations[(*n_placed)++] = relation;
            has_progress = true;
            n_left--;
        }
    }
    return n_left == 0;
}

bool
emit_order_for_data_only(EmitOrder *order, const FkGraph *graph, const bool *has_rows,
                         Diag *diag)
{
    const Catalog *catalog = graph->catalog;
    size_t n = (size_t)catalog->n_relations;
    bool *is_placed = arena_alloc(catalog->arena, n * sizeof(bool));
    int n_placed = 0;

    *order = (EmitOrder){.relations = arena_alloc(catalog->arena, n * sizeof(int))};
    for (int i = graph->n_components - 1; i >= 0; i--)
    {
        const Component *component = &graph->components[i];

        if (component->relations.n_items > 1)
            order->needs_deferral = true;
        if (!place_component(order, &n_placed, graph, component, is_placed, has_rows))
        {
            describe_cycle(diag, graph, component, is_placed);
            return false;
        }
    }
    return true;
}
