/*
 * What a pattern of the command line names, and if it names nothing, what can be meant.
 *
 * Pure: no server, no output.
 */
#include "model/plan.h"

#include "model/nearest_name.h"

void
plan_find_set_table_hint(const Catalog *catalog, const Pattern *pattern, Diag *diag)
{
    nearest_name_set_hint(diag, nearest_name_of_table(catalog, pattern),
                          "--plan lists the tables.");
}

const Partition *
plan_find_partition(const Catalog *catalog, const Pattern *pattern)
{
    for (int i = 0; pattern->is_literal && i < catalog->n_partitions; i++)
    {
        const Partition *partition = &catalog->partitions[i];

        if (partition->relation >= 0 &&
            pattern_matches(pattern, partition->schema, partition->name))
            return partition;
    }
    return NULL;
}

void
plan_find_explain(const Catalog *catalog, const Pattern *pattern, const char *where,
                  Diag *diag)
{
    diag_set_message(diag, "no table matches \"%s\" of %s", pattern->text, where);
    for (int i = 0; i < catalog->n_partitions; i++)
    {
        const Partition *partition = &catalog->partitions[i];

        if (partition->relation < 0 ||
            !pattern_matches(pattern, partition->schema, partition->name))
            continue;
        diag_set_message(diag, "\"%s\" of %s matches only partitions", pattern->text,
                         where);
        diag_set_hint(diag,
                      "%s is part of %s, which is one table; name that here. "
                      "--limit='%s = 0' is a rule for the partition alone.",
                      partition->qname, catalog->relations[partition->relation].qname,
                      partition->qname);
        return;
    }
    for (int i = 0; i < catalog->n_relations; i++)
    {
        const Relation *relation = &catalog->relations[i];

        if (!relation->is_extension_member ||
            !pattern_matches(pattern, relation->schema, relation->name))
            continue;
        diag_set_hint(diag, "%s belongs to an extension; CREATE EXTENSION makes it.",
                      relation->qname);
        return;
    }
    plan_find_set_table_hint(catalog, pattern, diag);
}

int
plan_find_table(const Catalog *catalog, const Pattern *pattern, const char *option,
                Diag *diag)
{
    int found = -1;

    for (int i = 0; i < catalog->n_relations; i++)
    {
        const Relation *relation = &catalog->relations[i];

        if (relation->is_extension_member ||
            !pattern_matches(pattern, relation->schema, relation->name))
            continue;
        if (found >= 0)
        {
            diag_set_message(diag, "\"%s\" of %s can be %s or %s", pattern->text, option,
                             catalog->relations[found].qname, relation->qname);
            diag_set_hint(diag, "Write it with its schema.");
            return -1;
        }
        found = i;
    }
    if (found < 0)
        plan_find_explain(catalog, pattern, option, diag);
    return found;
}
