#include "model/mask_model.h"

#include "model/mask_facts_load.h"

static void
mark_unique(const MaskModel *model, int relation, const int *columns, int n)
{
    for (int i = 0; i < n; i++)
        model->is_unique[mask_class_number(model->classes, relation, columns[i])] = true;
}

static void
mark_keys(MaskModel *model)
{
    const Catalog *catalog = model->catalog;
    const MaskFacts *facts = model->facts;

    model->is_unique = ARENA_ARRAY(catalog->arena, model->classes->n, bool);
    for (int i = 0; i < facts->n_indexes; i++)
    {
        const MaskIndexFacts *of = &facts->indexes[i];

        mark_unique(model, of->index.relation, of->index.columns, of->index.n_columns);
        /* a column of the predicate alone need not be unique */
        if (of->index.expressions != NULL)
            mark_unique(model, of->index.relation, of->mentioned, of->n_mentioned);
    }
    for (int i = 0; i < catalog->n_foreign_keys; i++)
        mark_unique(model, catalog->foreign_keys[i].referenced,
                    catalog->foreign_keys[i].referenced_columns,
                    catalog->foreign_keys[i].n_columns);
}

/* Sorts the columns by class, and in it by number: by counting. */
static void
sort_members(MaskModel *model)
{
    MaskClasses *classes = model->classes;
    int n = classes->n;
    int *members = ARENA_ARRAY(model->catalog->arena, n, int);
    int *first = ARENA_ARRAY(model->catalog->arena, n + 1, int);

    for (int i = 0; i < n; i++)
        first[mask_class_find(classes, i) + 1]++;
    for (int i = 0; i < n; i++)
        first[i + 1] += first[i];
    for (int i = 0; i < n; i++)
        members[first[mask_class_find(classes, i)]++] = i;
    /* each now points behind its class, which is where the next one begins */
    for (int i = n; i > 0; i--)
        first[i] = first[i - 1];
    first[0] = 0;
    model->members = members;
    model->first = first;
}

MaskModel *
mask_model_load(const Catalog *catalog, Answers *answers, const CopyEncoding *encoding)
{
    MaskModel *model = arena_alloc(catalog->arena, sizeof(*model));

    model->catalog = catalog;
    model->facts = mask_facts_load(catalog, answers, encoding);
    model->classes = mask_class_build(catalog);
    mark_keys(model);
    sort_members(model);
    return model;
}

MaskGroup
mask_model_get_group(const MaskModel *model, const MaskMatches *matches, int number)
{
    MaskGroup group = {.catalog = model->catalog,
                       .facts = model->facts,
                       .classes = model->classes,
                       .matches = matches,
                       .is_key = model->is_unique,
                       .members = model->members + model->first[number],
                       .n_members = model->first[number + 1] - model->first[number]};

    for (int i = 0; i < group.n_members && !group.is_unique; i++)
    {
        group.is_unique = model->is_unique[group.members[i]];
        group.unique_member = group.members[i];
    }
    return group;
}
