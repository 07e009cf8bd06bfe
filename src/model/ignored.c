#include "model/ignored.h"

#include "model/children.h"
#include "model/nearest_name.h"

/* ---- which keys */

/* A key on a partition can be named by the partition as well. */
static bool
matches(const Catalog *catalog, const Pattern *pattern, const ForeignKey *key)
{
    const Relation *relation = &catalog->relations[key->referencing];
    const Partition *partition =
        catalog_find_partition(catalog, key->referencing_partition);

    return children_rank_pattern(pattern, relation->schema, relation->name, key->name) >
               FK_RANK_NONE ||
           (partition != NULL &&
            children_rank_pattern(pattern, partition->schema, partition->name,
                                  key->name) > FK_RANK_NONE);
}

/* Takes the references of tables of that name out of the list. */
static bool
remove_references(Catalog *catalog, const Pattern *pattern)
{
    int n_kept = 0;
    int n = catalog->n_references;

    for (int i = 0; i < n; i++)
    {
        const Reference *reference = &catalog->references[i];
        const Relation *relation = &catalog->relations[reference->referencing];

        if (children_rank_pattern(pattern, relation->schema, relation->name, NULL) ==
            FK_RANK_NONE)
            catalog->references[n_kept++] = *reference;
    }
    catalog->n_references = n_kept;
    return n_kept < n;
}

/* Can its own columns be NULL, so that it refers to nothing? */
static bool
can_be_null(const Catalog *catalog, const ForeignKey *key)
{
    const Relation *relation = &catalog->relations[key->referencing];
    int n = 0;

    for (int i = 0; i < key->n_columns; i++)
    {
        const Column *column = &relation->columns[key->referencing_columns[i]];

        n += !column->is_not_null && !column->is_generated ? 1 : 0;
    }
    return key->is_match_full ? n == key->n_columns : n > 0;
}

static bool
mark_matching(Catalog *catalog, const Pattern *pattern, bool is_data_only, Diag *diag)
{
    bool is_used = false;

    for (int i = 0; i < catalog->n_foreign_keys; i++)
    {
        ForeignKey *key = &catalog->foreign_keys[i];

        if (!matches(catalog, pattern, key))
            continue;
        is_used = key->is_ignored = true;
        key->is_cut = !catalog_is_dumpable(catalog, key->referenced) &&
                      !(is_data_only && can_be_null(catalog, key));
    }
    if (remove_references(catalog, pattern) || is_used)
        return true;
    diag_set_message(diag, "no foreign key matches \"%s\" of --ignore-fk", pattern->text);
    nearest_name_set_hint(
        diag, nearest_name_of_key(catalog, pattern),
        "A pattern names a foreign key, or the table that it is defined on; "
        "--plan lists both.");
    return false;
}

bool
ignored_mark(Catalog *catalog, const StringList *patterns, bool is_data_only, Diag *diag)
{
    for (size_t i = 0; i < patterns->n_items; i++)
    {
        Pattern pattern;

        if (!pattern_parse(&pattern, catalog->arena, patterns->items[i], diag) ||
            !mark_matching(catalog, &pattern, is_data_only, diag))
            return false;
    }
    return true;
}

/* ---- can rows do without them? */

static bool
overlaps(int first, int n, int other_first, int other_n)
{
    return first < other_first + other_n && other_first < first + n;
}

static bool
refuse_ignoring(const Plan *plan, const GraphKey *ignored, int column, Diag *diag)
{
    const ForeignKey *key = ignored->foreign_key;
    const Relation *relation = &plan->catalog->relations[key->referencing];

    if (column >= 0)
        diag_set_message(diag,
                         "foreign key %s of table %s cannot be ignored, since column %s "
                         "cannot become NULL",
                         key->qname, key->referencing_qname,
                         relation->columns[column].qname);
    else
        diag_set_message(diag,
                         "foreign key %s of table %s cannot be ignored, since none of "
                         "its columns can become NULL",
                         key->qname, key->referencing_qname);
    diag_set_hint(diag,
                  "Leave it out of --ignore-fk, or leave out the rows of the table with "
                  "--%s='%s = 0'.",
                  plan->tables[key->referencing].is_entered ? "children" : "limit",
                  relation->qname);
    return false;
}

/* MATCH FULL takes all or nothing; otherwise one column is enough. */
static bool
check_own_columns(const Plan *plan, const GraphKey *ignored, Diag *diag)
{
    const ForeignKey *key = ignored->foreign_key;
    const Relation *relation = &plan->catalog->relations[key->referencing];

    for (int i = 0; i < key->n_columns; i++)
    {
        int column = key->referencing_columns[i];

        if (catalog_has_column(ignored->set_null, ignored->n_set_null, column) ||
            (ignored->n_set_null > 0 && !key->is_match_full))
            continue;
        diag_set_detail(diag, "Column %s is %s%s.", relation->columns[column].qname,
                        relation->columns[column].is_generated ? "generated" : "NOT NULL",
                        key->is_match_full && key->n_columns > 1
                            ? ", and the key is MATCH FULL"
                            : "");
        return refuse_ignoring(plan, ignored,
                               key->n_columns == 1 || key->is_match_full ? column : -1,
                               diag);
    }
    return true;
}

static const GraphKey *
find_followed_key(const FkGraph *graph, const GraphKey *ignored, int column)
{
    int relation = ignored->foreign_key->referencing;
    const IntList *outgoing = &graph->outgoing[relation];

    for (int i = 0; i < outgoing->n_items; i++)
    {
        const GraphKey *fk = &graph->fks[outgoing->items[i]];

        if (catalog_has_column(fk->foreign_key->referencing_columns,
                               fk->foreign_key->n_columns, column) &&
            overlaps(fk->first_leaf, fk->n_leaves, ignored->first_leaf,
                     ignored->n_leaves))
            return fk;
    }
    return NULL;
}

static bool
check_other_keys(const Plan *plan, const GraphKey *ignored, int column, Diag *diag)
{
    const GraphKey *fk = find_followed_key(plan->graph, ignored, column);

    if (fk == NULL)
        return true;
    diag_set_detail(diag,
                    "It belongs to foreign key %s as well, which would refer to nothing.",
                    fk->foreign_key->qname);
    refuse_ignoring(plan, ignored, column, diag);
    diag_set_hint(
        diag, "Leave it out of --ignore-fk, or ignore the other foreign key as well.");
    return false;
}

/* What refers to the column would find nothing. */
static bool
check_referenced(const Plan *plan, const GraphKey *ignored, int column, Diag *diag)
{
    const Catalog *catalog = plan->catalog;
    int relation = ignored->foreign_key->referencing;

    for (int i = 0; i < catalog->n_foreign_keys; i++)
    {
        const ForeignKey *key = &catalog->foreign_keys[i];

        if (key->referenced != relation ||
            !catalog_has_column(key->referenced_columns, key->n_columns, column))
            continue;
        diag_set_detail(diag, "Foreign key %s of table %s refers to it.", key->qname,
                        key->referencing_qname);
        return refuse_ignoring(plan, ignored, column, diag);
    }
    for (int i = 0; i < catalog->n_references; i++)
    {
        const Reference *reference = &catalog->references[i];

        if (reference->referenced != relation ||
            !catalog_has_column(reference->referenced_columns, reference->n_columns,
                                column))
            continue;
        diag_set_detail(diag, "The reference \"%s\" refers to it.", reference->text);
        return refuse_ignoring(plan, ignored, column, diag);
    }
    return true;
}

/* Another ignored key with the column must not be left with some of its columns NULL. */
static bool
check_match_full(const Plan *plan, const GraphKey *ignored, int column, Diag *diag)
{
    const FkGraph *graph = plan->graph;
    const IntList *others = &graph->ignored_of[ignored->foreign_key->referencing];

    for (int i = 0; i < others->n_items; i++)
    {
        const ForeignKey *key =
            graph_get_ignored(graph, ignored->foreign_key->referencing, i)->foreign_key;

        if (!key->is_match_full ||
            !catalog_has_column(key->referencing_columns, key->n_columns, column))
            continue;
        for (int j = 0; j < key->n_columns; j++)
        {
            if (catalog_has_column(ignored->set_null, ignored->n_set_null,
                                   key->referencing_columns[j]))
                continue;
            diag_set_detail(diag,
                            "It belongs to foreign key %s as well, which is MATCH FULL "
                            "and has other columns.",
                            key->qname);
            return refuse_ignoring(plan, ignored, column, diag);
        }
    }
    return true;
}

static bool
check_obstacles(const Plan *plan, const GraphKey *ignored, int column, Diag *diag)
{
    const Catalog *catalog = plan->catalog;

    for (int i = 0; i < catalog->n_obstacles; i++)
    {
        const NullObstacle *obstacle = &catalog->obstacles[i];

        if (obstacle->relation != ignored->foreign_key->referencing ||
            obstacle->column != column ||
            !overlaps(obstacle->first_leaf, obstacle->n_leaves, ignored->first_leaf,
                      ignored->n_leaves))
            continue;
        diag_set_detail(diag, "The reason: %s.", obstacle->reason);
        return refuse_ignoring(plan, ignored, column, diag);
    }
    return true;
}

bool
ignored_check(const Plan *plan, Diag *diag)
{
    for (int i = 0; i < plan->graph->n_ignored; i++)
    {
        const GraphKey *ignored = &plan->graph->ignored[i];

        if (!plan->tables[ignored->foreign_key->referencing].is_needed)
            continue;
        if (!check_own_columns(plan, ignored, diag))
            return false;
        for (int j = 0; j < ignored->n_set_null; j++)
        {
            int column = ignored->set_null[j];

            if (!check_other_keys(plan, ignored, column, diag) ||
                !check_referenced(plan, ignored, column, diag) ||
                !check_match_full(plan, ignored, column, diag) ||
                !check_obstacles(plan, ignored, column, diag))
                return false;
        }
    }
    return true;
}

bool
ignored_concerns(const GraphKey *ignored, const CheckConstraint *check)
{
    if (ignored->foreign_key->referencing != check->relation ||
        !overlaps(ignored->first_leaf, ignored->n_leaves, check->first_leaf,
                  check->n_leaves))
        return false;
    for (int i = 0; i < check->n_columns; i++)
    {
        if (catalog_has_column(ignored->set_null, ignored->n_set_null, check->columns[i]))
            return true;
    }
    return check->has_whole_row;
}
