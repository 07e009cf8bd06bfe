#include "dump/emit_order.h"

#include "base/arena.h"
#include "base/strbuf.h"

void
emit_order_by_name(EmitOrder *order, const FkGraph *graph)
{
    const Catalog *catalog = graph->catalog;
    size_t n = (size_t)catalog->n_relations;

    *order = (EmitOrder){.graph = graph,
                         .relations = ARENA_ARRAY(catalog->arena, n, int),
                         .is_postponed = ARENA_ARRAY(catalog->arena, graph->n_fks, bool)};
    for (int i = 0; i < catalog->n_relations; i++)
        order->relations[i] = i;
}

typedef struct Placing
{
    EmitOrder *order;
    const FkGraph *graph;
    const bool *has_rows;
    bool has_statements;
    bool can_defer;
    bool *is_placed;
    int n_placed;
} Placing;

/* Must the rows of the referenced relation be loaded first, and are not yet? */
static bool
is_blocking(const Placing *placing, int position)
{
    const ForeignKey *key = placing->graph->fks[position].foreign_key;

    if ((key->is_deferrable && placing->can_defer) ||
        placing->order->is_postponed[position] || !placing->has_rows[key->referencing] ||
        !placing->has_rows[key->referenced])
        return false;
    if (key->referencing == key->referenced)
        return placing->has_statements;
    return !placing->is_placed[key->referenced];
}

/* Can its columns be NULL first, and be set later in rows found by their key? */
static bool
can_postpone(const Placing *placing, int position)
{
    const ForeignKey *key = placing->graph->fks[position].foreign_key;
    const Relation *relation = &placing->graph->catalog->relations[key->referencing];

    for (int i = 0; i < key->n_columns; i++)
    {
        int column = key->referencing_columns[i];

        if (relation->columns[column].is_not_null ||
            relation->columns[column].is_generated ||
            relation->columns[column].is_checked ||
            catalog_has_column(relation->key, relation->n_key, column))
            return false;
    }
    return relation->n_key > 0;
}

static bool
has_blocking(const Placing *placing, int relation)
{
    const IntList *outgoing = &placing->graph->outgoing[relation];

    for (int i = 0; i < outgoing->n_items; i++)
    {
        if (is_blocking(placing, outgoing->items[i]))
            return true;
    }
    return false;
}

/* Postpones all foreign keys that block the relation, if all of them can be. */
static bool
postpone(Placing *placing, int relation)
{
    const IntList *outgoing = &placing->graph->outgoing[relation];

    for (int i = 0; i < outgoing->n_items; i++)
    {
        if (is_blocking(placing, outgoing->items[i]) &&
            !can_postpone(placing, outgoing->items[i]))
            return false;
    }
    for (int i = 0; i < outgoing->n_items; i++)
    {
        if (is_blocking(placing, outgoing->items[i]))
            placing->order->is_postponed[outgoing->items[i]] = true;
    }
    return true;
}

static void
describe_cycle(Diag *diag, const Placing *placing, const Component *component)
{
    PQExpBufferData names;

    initPQExpBuffer(&names);
    for (int i = 0; i < component->relations.n_items; i++)
    {
        int relation = component->relations.items[i];

        if (!placing->is_placed[relation])
            appendPQExpBuffer(&names, "%s%s", names.len > 0 ? ", " : "",
                              placing->graph->catalog->relations[relation].qname);
    }
    diag_set_message(diag, "no order of rows satisfies the foreign keys of %s",
                     names.data);
    diag_set_detail(diag, "They form a cycle in which no key is deferrable, and none is "
                          "nullable in a table with a primary key or another that is NOT "
                          "NULL.");
    diag_set_hint(diag,
                  "Let a superuser restore and add --disable-triggers, make one of "
                  "the keys DEFERRABLE, or leave out --data-only%s.",
                  placing->has_statements ? " or --inserts" : "");
    termPQExpBuffer(&names);
}

static void
place(Placing *placing, int relation)
{
    placing->is_placed[relation] = true;
    placing->order->relations[placing->n_placed++] = relation;
}

/* Places what nothing blocks; returns the number of relations placed. */
static int
place_free(Placing *placing, const Component *component)
{
    int n = 0;

    for (int i = 0; i < component->relations.n_items; i++)
    {
        int relation = component->relations.items[i];

        if (placing->is_placed[relation] || has_blocking(placing, relation))
            continue;
        place(placing, relation);
        n++;
    }
    return n;
}

static bool
postpone_one(Placing *placing, const Component *component)
{
    for (int i = 0; i < component->relations.n_items; i++)
    {
        int relation = component->relations.items[i];

        if (!placing->is_placed[relation] && postpone(placing, relation))
            return true;
    }
    return false;
}

static bool
place_component(Placing *placing, const Component *component)
{
    int n_left = component->relations.n_items;

    while (n_left > 0)
    {
        int n = place_free(placing, component);

        n_left -= n;
        if (n == 0 && !postpone_one(placing, component))
            return false;
    }
    return true;
}

bool
emit_order_for_data_only(EmitOrder *order, const FkGraph *graph, const bool *has_rows,
                         bool has_statements, bool can_defer, Diag *diag)
{
    Arena *arena = graph->catalog->arena;
    size_t n = (size_t)graph->catalog->n_relations;
    Placing placing = {.order = order,
                       .graph = graph,
                       .has_rows = has_rows,
                       .has_statements = has_statements,
                       .can_defer = can_defer,
                       .is_placed = ARENA_ARRAY(arena, n, bool)};

    *order = (EmitOrder){.graph = graph,
                         .relations = ARENA_ARRAY(arena, n, int),
                         .is_postponed = ARENA_ARRAY(arena, graph->n_fks, bool)};
    for (int i = graph->n_components - 1; i >= 0; i--)
    {
        const Component *component = &graph->components[i];

        if (component->is_cyclic && can_defer)
            order->needs_deferral = true;
        if (!place_component(&placing, component))
        {
            describe_cycle(diag, &placing, component);
            return false;
        }
    }
    return true;
}
