/* --plan: what would be done and why, from catalogs and statistics only. */
#include "programs/sample/run_internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/die.h"
#include "base/display.h"
#include "base/log.h"
#include "base/plural.h"

static double
estimate_rows(const Relation *relation)
{
    return relation->n_tuples < 0 ? -1 : relation->n_tuples;
}

/* The maximum number of rows of the rule, estimated from statistics; -1: unknown. */
static double
estimate_picked(const Relation *relation, const Rule *rule)
{
    double n = estimate_rows(relation);

    switch (rule->kind)
    {
        case RULE_COUNT:
            return n >= 0 && n < (double)rule->count ? n : (double)rule->count;
        case RULE_PERCENT:
            return n < 0 ? -1 : n * rule->percent / 100;
        case RULE_ALL:
            return rule->condition != NULL ? -1 : n;
    }
    return -1;
}

static void
print_number(double n, const char *prefix)
{
    char text[32];

    if (n < 0)
        snprintf(text, sizeof(text), "?");
    else
        snprintf(text, sizeof(text), "%s%.0f", prefix, n);
    display(stdout, " %12s", text);
}

static const char *
find_reason(const PlanTable *table)
{
    if (table->is_data_excluded)
        return "its data is excluded";
    if (!table->is_selected)
        return table->is_needed ? "not selected; referenced rows" : "not selected";
    if (table->n_picks == 0 && table->has_roots)
        return table->is_entered ? "root rows, and children" : "root rows";
    if (table->n_picks == 0 && table->is_entered)
        return "children of root rows, and referenced rows";
    if (table->n_picks == 0)
        return table->is_needed ? "referenced rows" : "no rows";
    return NULL;
}

static void
print_planned(const Plan *plan, int relation)
{
    const Relation *source = &plan->catalog->relations[relation];
    const PlanTable *table = &plan->tables[relation];
    const char *reason = find_reason(table);

    print_number(estimate_rows(source), "");
    print_number(table->rule != NULL && reason == NULL
                     ? estimate_picked(source, table->rule)
                     : 0,
                 "");
    display(stdout, "  %s", source->qname);
    if (reason != NULL)
        display(stdout, "  (%s)", reason);
    else
        display(stdout, "  rule \"%s\"", table->rule->text);
    if (reason == NULL && table->picks[0].lookup_rows > 0)
        display(stdout, ", or whole if it has at most %" PRId64 " row%s",
                table->picks[0].lookup_rows, plural(table->picks[0].lookup_rows));
    if (reason == NULL && (table->has_roots || table->is_entered))
        display(stdout, ", %s", table->has_roots ? "root rows" : "children of root rows");
    if (table->filter != NULL && (reason == NULL || table->is_needed))
        display(stdout, ", where %s", table->filter->text);
    display(stdout, "\n");
    for (int i = 0; i < table->n_picks; i++)
    {
        const Pick *pick = &table->picks[i];

        if (pick->partition == NULL)
            continue;
        display(stdout, " %12s", "");
        print_number(pick->rule->kind == RULE_COUNT ? (double)pick->rule->count : -1, "");
        display(stdout, "    partition %s  rule \"%s\"\n", pick->partition->qname,
                pick->rule->text);
    }
}

static void
print_references(const Catalog *catalog)
{
    display(stdout, "\nDeclared references:\n");
    for (int i = 0; i < catalog->n_references; i++)
    {
        const Reference *reference = &catalog->references[i];
        const char *referenced = catalog->relations[reference->referenced].qname;

        display(stdout, "  %s -> %s  (%s)\n",
                catalog->relations[reference->referencing].qname, referenced,
                reference->text);
        if (!reference->is_unique && !reference->is_indexed)
            log_warning("the columns of table %s in the reference \"%s\" are neither "
                        "unique nor indexed: several rows might match, and each "
                        "search reads the whole table",
                        referenced, reference->text);
    }
}

static void
print_followed_keys(const Plan *plan)
{
    const FkGraph *graph = plan->graph;
    int n_cyclic = 0;

    display(stdout, "\nForeign keys that are followed:\n");
    for (int i = 0; i < graph->n_fks; i++)
    {
        const ForeignKey *key = graph->fks[i].foreign_key;

        if (plan->tables[key->referencing].is_needed)
            display(stdout, "  %s -> %s  (%s%s%s)\n", key->referencing_qname,
                    plan->catalog->relations[key->referenced].qname, key->qname,
                    key->is_validated ? "" : ", NOT VALID",
                    key->is_canonical ? "" : ", compared by the server");
    }
    for (int i = 0; i < graph->n_components; i++)
    {
        const Component *component = &graph->components[i];

        if (!component->is_cyclic ||
            !plan->tables[component->relations.items[0]].is_needed)
            continue;
        if (n_cyclic++ == 0)
            display(stdout, "\nCycles, closed in several passes:\n");
        for (int j = 0; j < component->relations.n_items; j++)
            display(stdout, "%s%s", j == 0 ? "  " : ", ",
                    plan->catalog->relations[component->relations.items[j]].qname);
        display(stdout, "\n");
    }
}

/* "(a, b)" of the foreign key. */
static void
print_columns(const Plan *plan, const ForeignKey *key)
{
    const Relation *referencing = &plan->catalog->relations[key->referencing];

    for (int i = 0; i < key->n_columns; i++)
        display(stdout, "%s%s", i == 0 ? "(" : ", ",
                referencing->columns[key->referencing_columns[i]].qname);
    display(stdout, ")");
}

/* The cost of finding the children without an index. */
static void
print_scan(const Plan *plan, const ForeignKey *key)
{
    const Relation *referencing = &plan->catalog->relations[key->referencing];
    bool is_in_cycle = plan->graph->component_of[key->referencing] ==
                       plan->graph->component_of[key->referenced];
    double megabytes =
        (double)referencing->n_pages * plan->catalog->block_size / 1024 / 1024;

    display(stdout, "; no index on ");
    print_columns(plan, key);
    display(stdout, ": the whole table is read, about %.0f MB%s", megabytes,
            is_in_cycle ? ", more than once" : "");
}

/* May rows come down along the link? */
static bool
is_followed_down(const Plan *plan, int link)
{
    const Link *followed = &plan->graph->links[link];
    const PlanTable *parents = &plan->tables[followed->referenced];

    return plan->caps[link] != 0 && plan->tables[followed->referencing].is_entered &&
           (parents->has_roots || parents->is_entered);
}

static void
print_down(const Plan *plan, const ChildIndex *indexes)
{
    const FkGraph *graph = plan->graph;
    const Relation *relations = plan->catalog->relations;
    int n = 0;

    for (int i = 0; i < graph->n_links; i++)
    {
        const Link *link = &graph->links[i];
        const ForeignKey *key = link->fk != NULL ? link->fk->foreign_key : NULL;

        if (!is_followed_down(plan, i))
            continue;
        if (n++ == 0)
            display(stdout, "\nChildren of root rows:\n");
        display(stdout, "  %s <- %s  (%s", relations[link->referenced].qname,
                key != NULL ? key->referencing_qname : relations[link->referencing].qname,
                key != NULL ? key->qname : link->reference->text);
        if (plan->caps[i] > 0)
            display(stdout, ", at most %" PRId64 " each", plan->caps[i]);
        if (key != NULL && indexes[i] == CHILD_INDEX_NONE)
            print_scan(plan, key);
        display(stdout, ")\n");
    }
}

static bool
has_same_columns(const ForeignKey *a, const ForeignKey *b)
{
    return strcmp(a->referencing_qname, b->referencing_qname) == 0 &&
           a->n_columns == b->n_columns &&
           memcmp(a->referencing_columns, b->referencing_columns,
                  (size_t)a->n_columns * sizeof(*a->referencing_columns)) == 0;
}

/* The foreign key of the link if its children are found by a scan, or NULL. */
static const ForeignKey *
find_scanned_key(const Plan *plan, const ChildIndex *indexes, int link)
{
    const GraphKey *fk = plan->graph->links[link].fk;

    return fk != NULL && indexes[link] == CHILD_INDEX_NONE && is_followed_down(plan, link)
               ? fk->foreign_key
               : NULL;
}

/* Has an earlier foreign key the same columns, and so the same index? */
static bool
is_index_printed(const Plan *plan, const ChildIndex *indexes, int link)
{
    const ForeignKey *key = find_scanned_key(plan, indexes, link);

    for (int i = 0; i < link; i++)
    {
        const ForeignKey *other = find_scanned_key(plan, indexes, i);

        if (other != NULL && has_same_columns(key, other))
            return true;
    }
    return false;
}

/* The statements that would spare the scans, to be copied. */
static void
print_missing_indexes(const Plan *plan, const ChildIndex *indexes)
{
    int n = 0;

    for (int i = 0; i < plan->graph->n_links; i++)
    {
        const ForeignKey *key = find_scanned_key(plan, indexes, i);

        if (key == NULL || is_index_printed(plan, indexes, i))
            continue;
        if (n++ == 0)
            display(stdout, "\nIndexes that spare the reading of whole tables:\n");
        display(stdout, "  CREATE INDEX ON %s ", key->referencing_qname);
        print_columns(plan, key);
        display(stdout, ";\n");
    }
}

static void
print_ignored_keys(const Plan *plan)
{
    const FkGraph *graph = plan->graph;
    int n = 0;

    for (int i = 0; i < graph->n_ignored; i++)
    {
        const GraphKey *ignored = &graph->ignored[i];
        const ForeignKey *key = ignored->foreign_key;
        const Relation *relation = &plan->catalog->relations[key->referencing];

        if (!plan->tables[key->referencing].is_needed)
            continue;
        if (n++ == 0)
            display(stdout,
                    "\nIgnored foreign keys, and columns that are set to NULL if the "
                    "referenced row is missing:\n");
        display(stdout, "  %s -> %s  (%s):", key->referencing_qname,
                plan->catalog->relations[key->referenced].qname, key->qname);
        for (int j = 0; j < ignored->n_set_null; j++)
            display(stdout, "%s %s", j == 0 ? "" : ",",
                    relation->columns[ignored->set_null[j]].qname);
        display(stdout, "\n");
    }
}

void
plan_print(const Plan *plan, const ModeChoice *mode, const ChildIndex *indexes)
{
    const Catalog *catalog = plan->catalog;

    display(stdout, "Mode: %s (%s)\n\n", mode->is_staging ? "staging" : "direct",
            mode->reason);
    display(stdout, " %12s %12s  %s\n", "source rows", "picked", "table and why");
    for (int i = 0; i < catalog->n_relations; i++)
    {
        if (!catalog->relations[i].is_extension_member)
            print_planned(plan, i);
    }
    if (plan->subset != NULL)
    {
        print_down(plan, indexes);
        print_missing_indexes(plan, indexes);
    }
    if (plan->graph->n_fks > 0)
        print_followed_keys(plan);
    if (plan->catalog->n_references > 0)
        print_references(plan->catalog);
    print_ignored_keys(plan);
    display(
        stdout,
        "\nNumbers are estimates from statistics; \"?\": never analyzed, or depends on "
        "a\ncondition. Referenced rows are not included.\n");
    if (fflush(stdout) != 0 || ferror(stdout))
        die_errno(EXIT_OUTPUT, "could not write to standard output");
}
