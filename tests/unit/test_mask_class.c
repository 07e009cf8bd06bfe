/* Classes of columns: which refer to each other. */
#include "model/mask_class.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tap.h"

enum
{
    N_COLUMNS = 4,
    MAX_RELATIONS = 40
};

static Arena *arena;
static const char *const column_names[N_COLUMNS] = {"id", "ref", "other", "Text \"x\""};

/* Relations t0, t1 ... with four columns each. */
static Catalog *
make_catalog(int n)
{
    Catalog *catalog = arena_alloc(arena, sizeof(*catalog));

    catalog->arena = arena;
    catalog->n_relations = n;
    catalog->relations = ARENA_ARRAY(arena, n, Relation);
    catalog->relation_map.entries = ARENA_ARRAY(arena, n, OidMapEntry);
    catalog->relation_map.n_entries = n;
    for (int i = 0; i < n; i++)
    {
        Relation *relation = &catalog->relations[i];
        char name[16];

        snprintf(name, sizeof(name), "t%d", i);
        *relation = (Relation){.oid = (CatalogOid)(100 + i),
                               .schema = "s",
                               .name = arena_copy_string(arena, name),
                               .columns = ARENA_ARRAY(arena, N_COLUMNS, Column),
                               .n_columns = N_COLUMNS};
        for (int j = 0; j < N_COLUMNS; j++)
            relation->columns[j].name = column_names[j];
        catalog->relation_map.entries[i] =
            (OidMapEntry){.oid = relation->oid, .position = i};
    }
    catalog->foreign_keys = ARENA_ARRAY(arena, MAX_RELATIONS * MAX_RELATIONS, ForeignKey);
    catalog->references = ARENA_ARRAY(arena, MAX_RELATIONS, Reference);
    return catalog;
}

static int *
make_columns(int column)
{
    int *columns = ARENA_ARRAY(arena, 1, int);

    columns[0] = column;
    return columns;
}

static ForeignKey *
add_key(Catalog *catalog, int from, int column, int to, int referenced)
{
    ForeignKey *key = &catalog->foreign_keys[catalog->n_foreign_keys++];

    *key = (ForeignKey){.referencing = from,
                        .referenced = to,
                        .n_columns = 1,
                        .referencing_columns = make_columns(column),
                        .referenced_columns = make_columns(referenced)};
    return key;
}

static void
add_reference(Catalog *catalog, int from, const char *expression, int to)
{
    Reference *reference = &catalog->references[catalog->n_references++];
    const char **expressions = ARENA_ARRAY(arena, 1, char *);

    expressions[0] = expression;
    *reference = (Reference){.text = expression,
                             .referencing = from,
                             .referenced = to,
                             .n_columns = 1,
                             .expressions = expressions,
                             .referenced_columns = make_columns(0)};
}

static bool
is_together(MaskClasses *classes, int one, int column, int other, int other_column)
{
    return mask_class_find(classes, mask_class_number(classes, one, column)) ==
           mask_class_find(classes, mask_class_number(classes, other, other_column));
}

static void
test_keys(void)
{
    Catalog *catalog = make_catalog(4);
    MaskClasses *classes;

    add_key(catalog, 1, 1, 0, 0);
    add_key(catalog, 2, 1, 0, 0)->is_ignored = true;
    add_key(catalog, 3, 2, 3, 0); /* to itself */
    classes = mask_class_build(catalog);
    ok(is_together(classes, 1, 1, 0, 0), "both sides of a foreign key");
    ok(is_together(classes, 1, 1, 2, 1), "and of two that refer to the same");
    ok(is_together(classes, 2, 1, 0, 0), "one that is ignored counts");
    ok(is_together(classes, 3, 2, 3, 0), "and one within a table");
    ok(!is_together(classes, 3, 0, 0, 0), "what is not connected is apart");
    ok(!is_together(classes, 1, 0, 0, 0), "other columns of the tables, too");
}

static void
test_inheritance(void)
{
    Catalog *catalog = make_catalog(2);
    CatalogOid parent = 100;
    MaskClasses *classes;

    catalog->relations[1].parents = &parent;
    catalog->relations[1].n_parents = 1;
    catalog->relations[1].columns[2].name = "own";
    classes = mask_class_build(catalog);
    ok(is_together(classes, 0, 0, 1, 0), "columns are inherited");
    ok(is_together(classes, 0, 3, 1, 3), "whatever their name");
    ok(!is_together(classes, 0, 2, 1, 2), "by name, not by place");
}

static bool
is_computed(const MaskClasses *classes, int relation, int column)
{
    return classes->computed[mask_class_number(classes, relation, column)] != NULL;
}

static void
test_references(void)
{
    Catalog *catalog = make_catalog(4);
    MaskClasses *classes;

    add_reference(catalog, 1, " Ref ", 0);
    add_reference(catalog, 2, "lower(\"Text \"\"x\"\"\") || 'other'", 0);
    add_reference(catalog, 3, "row_to_json(t3) ->> 'x'", 0);
    classes = mask_class_build(catalog);
    ok(is_together(classes, 1, 1, 0, 0), "a column alone refers");
    ok(!is_computed(classes, 1, 1), "and is no expression");
    ok(!is_together(classes, 2, 3, 0, 0), "an expression does not join classes");
    ok(is_computed(classes, 2, 3), "but its column is noted");
    ok(!is_computed(classes, 2, 2), "a string is no column");
    ok(is_computed(classes, 0, 0), "what it refers to is noted");
    ok(is_computed(classes, 3, 0) && is_computed(classes, 3, 3), "a row is all columns");
}

/* Is there a way from one column to the other? Without union-find. */
static void
flood(const Catalog *catalog, bool *is_reached)
{
    bool is_changed = true;

    while (is_changed)
    {
        is_changed = false;
        for (int i = 0; i < catalog->n_foreign_keys; i++)
        {
            const ForeignKey *key = &catalog->foreign_keys[i];
            int from = key->referencing * N_COLUMNS + key->referencing_columns[0];
            int to = key->referenced * N_COLUMNS + key->referenced_columns[0];

            if (is_reached[from] == is_reached[to])
                continue;
            is_reached[from] = is_reached[to] = is_changed = true;
        }
    }
}

static void
test_random(unsigned seed)
{
    int n = 1 + rand() % (MAX_RELATIONS - 1);
    Catalog *catalog = make_catalog(n);
    int n_wrong = 0;
    MaskClasses *classes;

    for (int i = rand() % (2 * n); i > 0; i--)
        add_key(catalog, rand() % n, rand() % N_COLUMNS, rand() % n, rand() % N_COLUMNS);
    classes = mask_class_build(catalog);
    for (int i = 0; i < n * N_COLUMNS; i++)
    {
        bool is_reached[MAX_RELATIONS * N_COLUMNS] = {0};
        int relation;
        int column;

        is_reached[i] = true;
        flood(catalog, is_reached);
        mask_class_locate(classes, i, &relation, &column);
        n_wrong += mask_class_number(classes, relation, column) != i;
        n_wrong += mask_class_find(classes, i) > i;
        for (int j = 0; j < n * N_COLUMNS; j++)
            n_wrong += is_reached[j] !=
                       (mask_class_find(classes, i) == mask_class_find(classes, j));
    }
    is_int(n_wrong, 0, "classes of random keys, seed %u", seed);
}

int
main(void)
{
    arena = arena_new();
    test_keys();
    test_inheritance();
    test_references();
    for (unsigned seed = 1; seed <= 20; seed++)
    {
        srand(seed);
        test_random(seed);
    }
    arena_free(arena);
    return done_testing();
}
