#include "model/graph.h"

#include <string.h>

#include "base/arena.h"

static bool
is_same_key(const ReferencedKey *key, const ForeignKey *wanted)
{
    const ForeignKey *known = key->foreign_key;

    if (key->relation != wanted->referenced ||
        key->partition != wanted->referenced_partition ||
        known->n_columns != wanted->n_columns)
        return false;
    for (int i = 0; i < known->n_columns; i++)
    {
        if (known->referenced_columns[i] != wanted->referenced_columns[i] ||
            strcmp(known->value_types[i], wanted->value_types[i]) != 0 ||
            strcmp(known->operators[i], wanted->operators[i]) != 0)
            return false;
    }
    return true;
}

static int
find_or_add_key(FkGraph *graph, const ForeignKey *wanted)
{
    const IntList *known = &graph->keys_of[wanted->referenced];
    ReferencedKey *key;

    for (int i = 0; i < known->n_items; i++)
    {
        if (is_same_key(&graph->referenced_keys[known->items[i]], wanted))
            return known->items[i];
    }
    key = &graph->referenced_keys[graph->n_referenced_keys];
    key->relation = wanted->referenced;
    key->partition = wanted->referenced_partition;
    key->foreign_key = wanted;
    catalog_get_leaf_range(graph->catalog, &graph->catalog->relations[key->relation],
                           key->partition, &key->first_leaf, &key->n_leaves);
    return graph->n_referenced_keys++;
}

static void
append_int(IntList *list, int item)
{
    list->items[list->n_items++] = item;
}

/* Room for the lists of all relations: counts[i] items each. */
static IntList *
allocate_lists(Arena *arena, const int *counts, int n)
{
    IntList *lists = ARENA_ARRAY(arena, n, IntList);

    for (int i = 0; i < n; i++)
        lists[i].items = arena_alloc(arena, (size_t)counts[i] * sizeof(int));
    return lists;
}

static void
allocate_graph(FkGraph *graph)
{
    const Catalog *catalog = graph->catalog;
    Arena *arena = catalog->arena;
    int n = catalog->n_relations;
    int *out = ARENA_ARRAY(arena, n, int);
    int *in = ARENA_ARRAY(arena, n, int);
    int *ignored = ARENA_ARRAY(arena, n, int);

    for (int i = 0; i < catalog->n_foreign_keys; i++)
    {
        out[catalog->foreign_keys[i].referencing]++;
        in[catalog->foreign_keys[i].referenced]++;
        if (catalog->foreign_keys[i].is_ignored)
            ignored[catalog->foreign_keys[i].referencing]++;
    }
    graph->outgoing = allocate_lists(arena, out, n);
    graph->incoming = allocate_lists(arena, in, n);
    graph->keys_of = allocate_lists(arena, in, n);
    graph->ignored_of = allocate_lists(arena, ignored, n);
    graph->fks = ARENA_ARRAY(arena, catalog->n_foreign_keys, GraphKey);
    graph->ignored = ARENA_ARRAY(arena, catalog->n_foreign_keys, GraphKey);
    graph->referenced_keys = ARENA_ARRAY(arena, catalog->n_foreign_keys, ReferencedKey);
    memset(out, 0, (size_t)n * sizeof(int));
    memset(in, 0, (size_t)n * sizeof(int));
    for (int i = 0; i < catalog->n_references; i++)
    {
        out[catalog->references[i].referencing]++;
        in[catalog->references[i].referenced]++;
    }
    graph->references_from = allocate_lists(arena, out, n);
    graph->references_to = allocate_lists(arena, in, n);
    graph->components = ARENA_ARRAY(arena, n, Component);
    graph->component_of = ARENA_ARRAY(arena, n, int);
}

static void
set_graph_key(FkGraph *graph, GraphKey *fk, const ForeignKey *key, const bool *is_skipped)
{
    const Catalog *catalog = graph->catalog;
    int known = graph->n_referenced_keys;

    fk->foreign_key = key;
    catalog_get_leaf_range(catalog, &catalog->relations[key->referencing],
                           key->referencing_partition, &fk->first_leaf, &fk->n_leaves);
    fk->referenced_key = key->is_canonical || graph->is_keyed ||
                                 (is_skipped != NULL && is_skipped[key->referenced])
                             ? find_or_add_key(graph, key)
                             : -1;
    if (fk->referenced_key == known)
        append_int(&graph->keys_of[key->referenced], known);
}

static void
add_fk(FkGraph *graph, const ForeignKey *key, const bool *is_skipped)
{
    int number = graph->n_fks++;

    graph->fks[number].number = number;
    set_graph_key(graph, &graph->fks[number], key, is_skipped);
    append_int(&graph->outgoing[key->referencing], number);
    append_int(&graph->incoming[key->referenced], number);
}

static void
add_ignored(FkGraph *graph, const ForeignKey *key, const bool *is_skipped)
{
    const Relation *relation = &graph->catalog->relations[key->referencing];
    int position = graph->n_ignored++;
    GraphKey *ignored = &graph->ignored[position];

    set_graph_key(graph, ignored, key, is_skipped);
    ignored->set_null = ARENA_ARRAY(graph->catalog->arena, key->n_columns, int);
    for (int i = 0; i < key->n_columns; i++)
    {
        const Column *column = &relation->columns[key->referencing_columns[i]];

        if (!column->is_not_null && !column->is_generated)
            ignored->set_null[ignored->n_set_null++] = key->referencing_columns[i];
    }
    append_int(&graph->ignored_of[key->referencing], position);
}

static void
number_links(FkGraph *graph)
{
    int n_references = graph->catalog->n_references;

    graph->links = arena_alloc(graph->catalog->arena,
                               (size_t)(graph->n_fks + n_references) * sizeof(Link));
    for (int i = 0; i < graph->n_fks; i++)
        graph->links[graph->n_links++] =
            (Link){.number = i,
                   .referencing = graph->fks[i].foreign_key->referencing,
                   .referenced = graph->fks[i].foreign_key->referenced,
                   .fk = &graph->fks[i]};
    for (int i = 0; i < n_references; i++)
    {
        const Reference *reference = &graph->catalog->references[i];

        graph->links[graph->n_links] = (Link){.number = graph->n_links,
                                              .referencing = reference->referencing,
                                              .referenced = reference->referenced,
                                              .reference = reference};
        graph->n_links++;
        append_int(&graph->references_from[reference->referencing], i);
        append_int(&graph->references_to[reference->referenced], i);
    }
    for (int i = 0; i < graph->n_ignored; i++)
        graph->ignored[i].number = graph->n_links + i;
}

static int
count_links_from(const FkGraph *graph, int relation)
{
    return graph->outgoing[relation].n_items + graph->references_from[relation].n_items;
}

/* The relation that the i-th link from the relation refers to. */
static int
get_linked(const FkGraph *graph, int relation, int i)
{
    const IntList *outgoing = &graph->outgoing[relation];
    const IntList *references = &graph->references_from[relation];
    int number = i < outgoing->n_items
                     ? outgoing->items[i]
                     : graph->n_fks + references->items[i - outgoing->n_items];

    return graph->links[number].referenced;
}

typedef struct Tarjan
{
    FkGraph *graph;
    int *order; /* by relation: when it was first met, from 1; 0: not yet */
    int *low;
    bool *is_on_stack;
    int *stack;
    int n_stack;
    int n_met;
} Tarjan;

static bool
has_self_reference(const FkGraph *graph, int relation)
{
    for (int i = 0; i < count_links_from(graph, relation); i++)
    {
        if (get_linked(graph, relation, i) == relation)
            return true;
    }
    return false;
}

/* Takes the relations above and including root off the stack: they are a component. */
static void
pop_component(Tarjan *tarjan, int root)
{
    FkGraph *graph = tarjan->graph;
    Component *component = &graph->components[graph->n_components];
    int first = tarjan->n_stack;
    int n;

    do
        first--;
    while (tarjan->stack[first] != root);
    n = tarjan->n_stack - first;
    component->relations.items = ARENA_ARRAY(graph->catalog->arena, n, int);
    for (int i = first; i < tarjan->n_stack; i++)
    {
        int relation = tarjan->stack[i];

        tarjan->is_on_stack[relation] = false;
        append_int(&component->relations, relation);
    }
    component->is_cyclic = n > 1 || has_self_reference(graph, root);
    tarjan->n_stack = first;
    graph->n_components++;
}

static void
visit_relation(Tarjan *tarjan, int relation)
{
    const FkGraph *graph = tarjan->graph;

    tarjan->order[relation] = tarjan->low[relation] = ++tarjan->n_met;
    tarjan->stack[tarjan->n_stack++] = relation;
    tarjan->is_on_stack[relation] = true;
    for (int i = 0; i < count_links_from(graph, relation); i++)
    {
        int next = get_linked(graph, relation, i);

        if (tarjan->order[next] == 0)
        {
            visit_relation(tarjan, next);
            if (tarjan->low[next] < tarjan->low[relation])
                tarjan->low[relation] = tarjan->low[next];
        }
        else if (tarjan->is_on_stack[next] && tarjan->order[next] < tarjan->low[relation])
            tarjan->low[relation] = tarjan->order[next];
    }
    if (tarjan->low[relation] == tarjan->order[relation])
        pop_component(tarjan, relation);
}

/* The algorithm yields what is referenced first; the closure wants it last. */
static void
reverse_components(FkGraph *graph)
{
    for (int i = 0, j = graph->n_components - 1; i < j; i++, j--)
    {
        Component swapped = graph->components[i];

        graph->components[i] = graph->components[j];
        graph->components[j] = swapped;
    }
    for (int i = 0; i < graph->n_components; i++)
    {
        const IntList *relations = &graph->components[i].relations;

        for (int j = 0; j < relations->n_items; j++)
            graph->component_of[relations->items[j]] = i;
    }
}

static void
find_components(FkGraph *graph)
{
    Arena *arena = graph->catalog->arena;
    size_t n = (size_t)graph->catalog->n_relations;
    Tarjan tarjan = {.graph = graph,
                     .order = ARENA_ARRAY(arena, n, int),
                     .low = ARENA_ARRAY(arena, n, int),
                     .is_on_stack = ARENA_ARRAY(arena, n, bool),
                     .stack = ARENA_ARRAY(arena, n, int)};

    for (int i = 0; i < graph->catalog->n_relations; i++)
    {
        if (tarjan.order[i] == 0)
            visit_relation(&tarjan, i);
    }
    reverse_components(graph);
}

static const FkGraph *
build(const Catalog *catalog, bool is_keyed, const bool *is_skipped, const bool *is_kept)
{
    FkGraph *graph = arena_alloc(catalog->arena, sizeof(*graph));

    graph->catalog = catalog;
    graph->is_keyed = is_keyed;
    allocate_graph(graph);
    for (int i = 0; i < catalog->n_foreign_keys; i++)
    {
        const ForeignKey *key = &catalog->foreign_keys[i];

        /* CREATE EXTENSION makes its own rows; a key that is cut is not in the dump */
        if (catalog->relations[key->referenced].is_extension_member || key->is_cut)
            continue;
        if (!key->is_ignored || (is_kept != NULL && is_kept[i]))
            add_fk(graph, key, is_skipped);
        else
            add_ignored(graph, key, is_skipped);
    }
    number_links(graph);
    find_components(graph);
    return graph;
}

const FkGraph *
graph_build(const Catalog *catalog)
{
    return build(catalog, false, NULL, NULL);
}

const FkGraph *
graph_build_keyed(const Catalog *catalog)
{
    return build(catalog, true, NULL, NULL);
}

const FkGraph *
graph_build_without(const Catalog *catalog, const bool *is_skipped)
{
    return build(catalog, false, is_skipped, NULL);
}

const FkGraph *
graph_build_loading(const Catalog *catalog, const bool *is_kept)
{
    return build(catalog, false, NULL, is_kept);
}

const GraphKey *
graph_get_ignored(const FkGraph *graph, int relation, int position)
{
    return &graph->ignored[graph->ignored_of[relation].items[position]];
}

void
graph_mark_referenced(const FkGraph *graph, bool *is_included)
{
    /* components are ordered referencing first; within a cycle one mark reaches all */
    for (int c = 0; c < graph->n_components; c++)
    {
        const IntList *relations = &graph->components[c].relations;
        bool is_marked = false;

        for (int i = 0; i < relations->n_items; i++)
            is_marked = is_marked || is_included[relations->items[i]];
        for (int i = 0; is_marked && i < relations->n_items; i++)
        {
            int relation = relations->items[i];

            is_included[relation] = true;
            for (int j = 0; j < count_links_from(graph, relation); j++)
                is_included[get_linked(graph, relation, j)] = true;
        }
    }
}

/* True when it reached more. */
static bool
mark_ignored(const FkGraph *graph, bool *is_included)
{
    bool has_more = false;

    for (int i = 0; i < graph->n_ignored; i++)
    {
        const ForeignKey *key = graph->ignored[i].foreign_key;

        if (!is_included[key->referencing] || is_included[key->referenced])
            continue;
        is_included[key->referenced] = true;
        has_more = true;
    }
    return has_more;
}

void
graph_mark_defined(const FkGraph *graph, bool *is_included)
{
    do
        graph_mark_referenced(graph, is_included);
    while (mark_ignored(graph, is_included));
}
