/*
 * The columns of all relations are numbered, and those that refer to each other are
 * joined by union-find: the pairs of columns of foreign keys, of declared references
 * whose expression is a column alone, and columns that tables inherit. A foreign key that
 * is ignored counts as well, since it is a constraint of the dump. Partitions have no
 * columns of their own here: keys on them are of the root's columns.
 *
 * A declared reference can compute with columns instead. Whatever mask these get, what is
 * computed from masked values need not be the mask of what was computed: so such columns,
 * and those that it refers to, are noted. An expression uses a column if its name is a
 * word of it, which at worst notes a column too many.
 *
 * Paths are halved while they are followed, so that a search costs next to nothing.
 */
#include "model/mask_class.h"

#include <string.h>

#include "base/sqltext.h"
#include "model/rule_reader.h"
#include "model/sql_expression.h"

int
mask_class_number(const MaskClasses *classes, int relation, int column)
{
    return classes->first[relation] + column;
}

int
mask_class_find(const MaskClasses *classes, int number)
{
    int *parent = classes->parent;

    while (parent[number] != number)
    {
        parent[number] = parent[parent[number]];
        number = parent[number];
    }
    return number;
}

void
mask_class_locate(const MaskClasses *classes, int number, int *relation, int *column)
{
    int low = 0;
    int high = classes->catalog->n_relations - 1;

    while (low < high)
    {
        int middle = low + (high - low + 1) / 2;

        if (classes->first[middle] <= number)
            low = middle;
        else
            high = middle - 1;
    }
    *relation = low;
    *column = number - classes->first[low];
}

/* The lower number stands for both, so that the order of keys means nothing. */
static void
join(const MaskClasses *classes, int one, int other)
{
    one = mask_class_find(classes, one);
    other = mask_class_find(classes, other);
    if (one < other)
        classes->parent[other] = one;
    else
        classes->parent[one] = other;
}

static void
join_foreign_key(const MaskClasses *classes, const ForeignKey *key)
{
    for (int i = 0; i < key->n_columns; i++)
        join(classes,
             mask_class_number(classes, key->referencing, key->referencing_columns[i]),
             mask_class_number(classes, key->referenced, key->referenced_columns[i]));
}

static void
join_inherited(const MaskClasses *classes, int relation, int parent)
{
    const Relation *child = &classes->catalog->relations[relation];
    const Relation *from = &classes->catalog->relations[parent];

    for (int i = 0; i < child->n_columns; i++)
    {
        int column = catalog_find_column(from, child->columns[i].name);

        if (column >= 0)
            join(classes, mask_class_number(classes, relation, i),
                 mask_class_number(classes, parent, column));
    }
}

static void
join_parents(const MaskClasses *classes, int relation)
{
    const Relation *child = &classes->catalog->relations[relation];

    for (int i = 0; i < child->n_parents; i++)
    {
        int parent = catalog_find_relation(classes->catalog, child->parents[i]);

        if (parent >= 0)
            join_inherited(classes, relation, parent);
    }
}

/* ---- declared references */

/* The column that the expression is, as a whole, or -1. */
static int
find_plain_column(const Catalog *catalog, const Relation *relation,
                  const char *expression)
{
    const char *name = NULL;
    const char *rest =
        rule_text_read_name(catalog->arena, sqltext_skip_blanks(expression), &name);

    if (rest == NULL || *sqltext_skip_blanks(rest) != '\0')
        return -1;
    return catalog_find_column(relation, name);
}

/* Notes the columns that the word names: one, or all of a row. */
static void
note_word(const MaskClasses *classes, const Reference *reference, const char *word)
{
    const Relation *relation = &classes->catalog->relations[reference->referencing];
    int first = mask_class_number(classes, reference->referencing, 0);
    const char *name = NULL;
    int column;

    if (rule_text_read_name(classes->catalog->arena, word, &name) == NULL)
        return;
    column = catalog_find_column(relation, name);
    if (column >= 0)
        classes->computed[first + column] = reference;
    else if (strcmp(name, relation->name) == 0)
    {
        for (int i = 0; i < relation->n_columns; i++)
            classes->computed[first + i] = reference;
    }
}

static void
note_expression(const MaskClasses *classes, const Reference *reference,
                const char *expression)
{
    while (expression != NULL && *expression != '\0')
    {
        if (*expression == '"' || sqltext_is_name(*expression, true))
            note_word(classes, reference, expression);
        expression = sql_expression_skip_piece(expression);
    }
}

static void
join_reference(const MaskClasses *classes, const Reference *reference)
{
    const Catalog *catalog = classes->catalog;

    for (int i = 0; i < reference->n_columns; i++)
    {
        int referenced = mask_class_number(classes, reference->referenced,
                                           reference->referenced_columns[i]);
        int column =
            find_plain_column(catalog, &catalog->relations[reference->referencing],
                              reference->expressions[i]);

        if (column >= 0)
        {
            join(classes, mask_class_number(classes, reference->referencing, column),
                 referenced);
            continue;
        }
        note_expression(classes, reference, reference->expressions[i]);
        classes->computed[referenced] = reference;
    }
}

MaskClasses *
mask_class_build(const Catalog *catalog)
{
    MaskClasses *classes = arena_alloc(catalog->arena, sizeof(*classes));

    classes->catalog = catalog;
    classes->first = ARENA_ARRAY(catalog->arena, catalog->n_relations, int);
    for (int i = 0; i < catalog->n_relations; i++)
    {
        classes->first[i] = classes->n;
        classes->n += catalog->relations[i].n_columns;
    }
    classes->parent = ARENA_ARRAY(catalog->arena, classes->n, int);
    classes->computed = ARENA_ARRAY(catalog->arena, classes->n, Reference *);
    for (int i = 0; i < classes->n; i++)
        classes->parent[i] = i;
    for (int i = 0; i < catalog->n_foreign_keys; i++)
        join_foreign_key(classes, &catalog->foreign_keys[i]);
    for (int i = 0; i < catalog->n_relations; i++)
        join_parents(classes, i);
    for (int i = 0; i < catalog->n_references; i++)
        join_reference(classes, &catalog->references[i]);
    return classes;
}
