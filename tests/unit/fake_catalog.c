#include "fake_catalog.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"

enum
{
    N_COLUMNS = 3,
    MAX_FOREIGN_KEYS = 32,
    MAX_PARTITIONS = 16,
    FIRST_OID = 1000,
    FIRST_PARTITION_OID = 5000
};

static const char *
format_name(Arena *arena, const char *prefix, int number)
{
    char text[64];

    snprintf(text, sizeof(text), "%s%d", prefix, number);
    return arena_copy_string(arena, text);
}

static Column *
make_columns(Arena *arena)
{
    static const char *const names[N_COLUMNS] = {"id", "a", "b"};
    Column *columns = arena_alloc(arena, N_COLUMNS * sizeof(Column));

    for (int i = 0; i < N_COLUMNS; i++)
        columns[i] = (Column){.name = names[i],
                              .qname = names[i],
                              .operand = names[i],
                              .attnum = i + 1,
                              .type = 23,
                              .type_name = "integer",
                              .declared_type = "integer",
                              .collation = "",
                              .is_not_null = i == 0,
                              .is_canonical = true,
                              .is_number = true};
    return columns;
}

static void
make_relation(Catalog *catalog, int i)
{
    Arena *arena = catalog->arena;
    Relation *relation = &catalog->relations[i];

    relation->oid = (CatalogOid)(FIRST_OID + i);
    relation->schema = "s";
    relation->name = format_name(arena, "t", i);
    relation->qname = format_name(arena, "s.t", i);
    relation->is_readable = true;
    relation->columns = make_columns(arena);
    relation->n_columns = N_COLUMNS;
    relation->key = arena_alloc(arena, sizeof(int));
    relation->n_key = 1;
    relation->leaves = arena_alloc(arena, sizeof(Leaf));
    relation->leaves[0] = (Leaf){.oid = relation->oid, .qname = relation->qname};
    relation->n_leaves = 1;
    catalog->relation_map.entries[i] = (OidMapEntry){.oid = relation->oid, .position = i};
}

Catalog *
fake_catalog(int n)
{
    Arena *arena = arena_new();
    Catalog *catalog = arena_alloc(arena, sizeof(*catalog));
    size_t count = (size_t)n;

    catalog->arena = arena;
    catalog->n_relations = n;
    catalog->relations = arena_alloc(arena, count * sizeof(Relation));
    catalog->relation_map.entries = arena_alloc(arena, count * sizeof(OidMapEntry));
    catalog->relation_map.n_entries = n;
    catalog->foreign_keys = arena_alloc(arena, MAX_FOREIGN_KEYS * sizeof(ForeignKey));
    catalog->partitions = arena_alloc(arena, MAX_PARTITIONS * sizeof(Partition));
    catalog->partition_map.entries =
        arena_alloc(arena, MAX_PARTITIONS * sizeof(OidMapEntry));
    for (int i = 0; i < n; i++)
        make_relation(catalog, i);
    oidmap_sort(&catalog->relation_map);
    return catalog;
}

void
fake_references(Catalog *catalog, const int (*pairs)[2], int n)
{
    static const char *expressions[] = {"a"};
    static const char *operators[] = {"OPERATOR(pg_catalog.=)"};
    static const char *casts[] = {"::pg_catalog.int4"};
    static const char *collations[] = {""};

    catalog->references = arena_alloc(catalog->arena, (size_t)n * sizeof(Reference));
    catalog->n_references = n;
    for (int i = 0; i < n; i++)
        catalog->references[i] =
            (Reference){.text = "x",
                        .referencing = pairs[i][0],
                        .referenced = pairs[i][1],
                        .n_columns = 1,
                        .expressions = expressions,
                        .referenced_columns = arena_alloc(catalog->arena, sizeof(int)),
                        .operators = operators,
                        .casts = casts,
                        .collations = collations};
}

void
fake_rename(Catalog *catalog, int relation, const char *schema, const char *name)
{
    catalog->relations[relation].schema = schema;
    catalog->relations[relation].name = name;
}

ForeignKey *
fake_foreign_key(Catalog *catalog, int referencing, const char *column, int referenced)
{
    Arena *arena = catalog->arena;
    int number = catalog->n_foreign_keys++;
    ForeignKey *key = &catalog->foreign_keys[number];

    *key = (ForeignKey){.number = number,
                        .period = -1,
                        .name = "fk",
                        .qname = "fk",
                        .referencing = referencing,
                        .referenced = referenced,
                        .referencing_qname = catalog->relations[referencing].qname,
                        .n_columns = 1,
                        .is_validated = true,
                        .is_canonical = true};
    key->referencing_columns = arena_alloc(arena, sizeof(int));
    key->referencing_columns[0] =
        catalog_find_column(&catalog->relations[referencing], column);
    key->referenced_columns = arena_alloc(arena, sizeof(int));
    key->operators = arena_alloc(arena, sizeof(char *));
    key->operators[0] = "OPERATOR(pg_catalog.=)";
    key->value_types = arena_alloc(arena, sizeof(char *));
    key->value_types[0] = "integer";
    key->collations = arena_alloc(arena, sizeof(char *));
    key->collations[0] = "";
    return key;
}

void
fake_add_key_column(Catalog *catalog, ForeignKey *key, const char *referencing,
                    const char *referenced)
{
    size_t n = (size_t)key->n_columns++;
    int *from = arena_alloc(catalog->arena, (n + 1) * sizeof(int));
    int *to = arena_alloc(catalog->arena, (n + 1) * sizeof(int));
    const char **operators = arena_alloc(catalog->arena, (n + 1) * sizeof(char *));
    const char **types = arena_alloc(catalog->arena, (n + 1) * sizeof(char *));
    const char **collations = arena_alloc(catalog->arena, (n + 1) * sizeof(char *));

    memcpy(from, key->referencing_columns, n * sizeof(int));
    memcpy(to, key->referenced_columns, n * sizeof(int));
    for (size_t i = 0; i <= n; i++)
    {
        operators[i] = key->operators[0];
        types[i] = key->value_types[0];
        collations[i] = key->collations[0];
    }
    from[n] = catalog_find_column(&catalog->relations[key->referencing], referencing);
    to[n] = catalog_find_column(&catalog->relations[key->referenced], referenced);
    key->referencing_columns = from;
    key->referenced_columns = to;
    key->operators = operators;
    key->value_types = types;
    key->collations = collations;
}

void
fake_partitions(Catalog *catalog, int relation, int n)
{
    Arena *arena = catalog->arena;
    Relation *root = &catalog->relations[relation];

    root->is_partitioned = true;
    root->leaves = arena_alloc(arena, (size_t)n * sizeof(Leaf));
    root->n_leaves = n;
    for (int i = 0; i < n; i++)
    {
        Partition *partition = &catalog->partitions[catalog->n_partitions];

        *partition = (Partition){.oid = (CatalogOid)(FIRST_PARTITION_OID + i),
                                 .parent = root->oid,
                                 .schema = "s",
                                 .name = format_name(arena, "p", i),
                                 .qname = format_name(arena, "s.p", i),
                                 .relation = relation,
                                 .is_leaf = true,
                                 .first_leaf = i,
                                 .n_leaves = 1};
        root->leaves[i] = (Leaf){.oid = partition->oid, .qname = partition->qname};
        catalog->partition_map.entries[catalog->n_partitions] =
            (OidMapEntry){.oid = partition->oid, .position = catalog->n_partitions};
        catalog->n_partitions++;
    }
    catalog->partition_map.n_entries = catalog->n_partitions;
    oidmap_sort(&catalog->partition_map);
}
