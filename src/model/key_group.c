#include "model/key_group.h"

#include <string.h>

#include "base/arena.h"

static bool
is_within_component(const FkGraph *graph, const GraphKey *fk)
{
    return graph->component_of[fk->foreign_key->referencing] ==
           graph->component_of[fk->foreign_key->referenced];
}

/* A collation is named where the columns' own ones differ. */
static bool
has_same_collations(const ForeignKey *key, const ForeignKey *other)
{
    for (int i = 0; i < key->n_columns; i++)
    {
        if (strcmp(key->collations[i], other->collations[i]) != 0)
            return false;
    }
    return true;
}

static bool
belongs_to(const KeyGroup *group, const FkGraph *graph, const GraphKey *fk)
{
    const GraphKey *first = group->fks[0];

    return fk->referenced_key == first->referenced_key &&
           is_within_component(graph, fk) == group->is_inside &&
           fk->foreign_key->period < 0 && first->foreign_key->period < 0 &&
           has_same_collations(fk->foreign_key, first->foreign_key);
}

/* The group, of those from the first on, that the key goes into; there may be none. */
static KeyGroup *
find_group(KeyGroups *groups, int first, const FkGraph *graph, const GraphKey *fk,
           int most)
{
    for (int i = first; i < groups->n; i++)
    {
        if (groups->items[i].n < most && belongs_to(&groups->items[i], graph, fk))
            return &groups->items[i];
    }
    return NULL;
}

static void
add_key(KeyGroups *groups, int first, const FkGraph *graph, const GraphKey *fk, int most)
{
    KeyGroup *group = find_group(groups, first, graph, fk, most);
    int n_incoming = graph->incoming[fk->foreign_key->referenced].n_items;

    if (group == NULL)
    {
        group = &groups->items[groups->n++];
        group->fks = ARENA_ARRAY(graph->catalog->arena,
                                 n_incoming < most ? n_incoming : most, const GraphKey *);
        group->is_inside = is_within_component(graph, fk);
    }
    group->fks[group->n++] = fk;
}

KeyGroups
key_group_build(const FkGraph *graph, int most)
{
    Arena *arena = graph->catalog->arena;
    int n = graph->catalog->n_relations;
    KeyGroups groups = {.items = ARENA_ARRAY(arena, graph->n_fks, KeyGroup),
                        .first_to = ARENA_ARRAY(arena, n + 1, int)};

    for (int i = 0; i < n; i++)
    {
        const IntList *incoming = &graph->incoming[i];

        groups.first_to[i] = groups.n;
        for (int j = 0; j < incoming->n_items; j++)
            add_key(&groups, groups.first_to[i], graph, &graph->fks[incoming->items[j]],
                    most);
    }
    groups.first_to[n] = groups.n;
    return groups;
}
