#include "model/mask_match.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "mask/mask_kind.h"
#include "model/nearest_name.h"
#include "model/plan.h"

/* What goes on while rules are matched. */
typedef struct Matching
{
    const Catalog *catalog;
    const MaskFacts *facts;
    MaskMatches *matches;
    size_t capacity; /* of skipped, while that is not in the arena */
    Diag *diag;
    /* of the rule that is matched: */
    bool is_used;
    const MaskRule *earlier; /* that is for a column of it */
} Matching;

/* ---- can a column have the mask? */

static const char *
copy_and_free(const Catalog *catalog, char *text)
{
    const char *copy = arena_copy_string(catalog->arena, text);

    free(text);
    return copy;
}

static bool
is_type_taken(const MaskTarget *target, const MaskRule *rule)
{
    if (rule->path != NULL)
        return !target->is_array &&
               (target->type == MASK_TYPE_JSON || target->type == MASK_TYPE_HSTORE);
    return mask_kinds_takes(rule->spec.kind, target->type);
}

const char *
mask_match_find_obstacle(const Catalog *catalog, const MaskFacts *facts, int relation,
                         int column, const MaskRule *rule)
{
    const Relation *table = &catalog->relations[relation];
    const MaskColumnFacts *of = &facts->columns[relation][column];

    if (mask_spec_is_keep(&rule->spec) && rule->path == NULL)
        return NULL;
    if (table->is_extension_member)
        return "its table belongs to an extension";
    if (table->columns[column].is_generated)
        return "it is generated, and follows the columns that it is computed from";
    if (of->is_partition_key)
        return "it decides to which partition a row belongs";
    if (is_type_taken(&of->target, rule))
        return NULL;
    if (rule->path != NULL)
        return copy_and_free(catalog,
                             mem_format("type %s has no paths",
                                        mask_facts_show_type(&table->columns[column])));
    return copy_and_free(catalog,
                         mem_format("mask \"%s\" does not take type %s",
                                    rule->spec.kind->name,
                                    mask_facts_show_type(&table->columns[column])));
}

void
mask_match_hint_at_kinds(const MaskKind *kind, const MaskTarget *target, bool is_unique,
                         Diag *diag)
{
    PQExpBufferData names;

    initPQExpBuffer(&names);
    mask_kinds_append_names(&names, target->type, is_unique, kind);
    diag_set_hint(diag, "Masks for it: %s; --mask-list describes them.", names.data);
    termPQExpBuffer(&names);
}

/* ---- one rule and one column */

static void
add_path(const Matching *matching, MaskMatch *match, const MaskRule *rule)
{
    const MaskRule **paths;

    for (int i = 0; i < match->n_paths; i++)
    {
        if (strcmp(match->paths[i]->path, rule->path) == 0)
            return;
    }
    paths = ARENA_ARRAY(matching->catalog->arena, match->n_paths + 1, MaskRule *);
    if (match->n_paths > 0)
        memcpy(paths, match->paths, (size_t)match->n_paths * sizeof(*paths));
    paths[match->n_paths++] = rule;
    match->paths = paths;
}

static void
note_skipped(Matching *matching, int relation, int column, const MaskRule *rule,
             const char *reason)
{
    MaskMatches *matches = matching->matches;

    MEM_GROW(matches->skipped, matching->capacity, (size_t)matches->n_skipped);
    matches->skipped[matches->n_skipped++] = (MaskDecision){.relation = relation,
                                                            .column = column,
                                                            .rule = rule->text,
                                                            .reason = reason};
}

/* Would another mask do, as far as the column is concerned? */
static bool
is_mask_of_other_types(const Matching *matching, int relation, int column,
                       const MaskRule *rule)
{
    const MaskColumnFacts *facts = &matching->facts->columns[relation][column];
    const Relation *table = &matching->catalog->relations[relation];

    return rule->path == NULL && !table->is_extension_member &&
           !table->columns[column].is_generated && !facts->is_partition_key &&
           !is_type_taken(&facts->target, rule);
}

static bool
match_column(Matching *matching, int relation, int column, const MaskRule *rule)
{
    MaskMatch *match = &matching->matches->columns[relation][column];
    const Relation *table = &matching->catalog->relations[relation];
    const char *reason;

    if (rule->path == NULL && match->rule != NULL)
    {
        matching->earlier = match->rule;
        return true;
    }
    matching->is_used = true;
    reason = mask_match_find_obstacle(matching->catalog, matching->facts, relation,
                                      column, rule);
    if (reason != NULL && rule->is_exact)
    {
        diag_set_message(matching->diag, "column %s.%s cannot be masked by rule \"%s\"",
                         table->qname, table->columns[column].qname, rule->text);
        diag_set_detail(matching->diag, "The reason: %s.", reason);
        if (is_mask_of_other_types(matching, relation, column, rule))
            mask_match_hint_at_kinds(rule->spec.kind,
                                     &matching->facts->columns[relation][column].target,
                                     false, matching->diag);
        return false;
    }
    if (reason != NULL)
        note_skipped(matching, relation, column, rule, reason);
    else if (rule->path != NULL)
        add_path(matching, match, rule);
    else
        match->rule = rule;
    return true;
}

/* ---- rules that match nothing */

/* Are rows of the table sampled at all? */
static bool
is_masked_table(const Relation *relation, const MaskRule *rule)
{
    return rule->is_exact ||
           (!relation->is_of_loader &&
            (!relation->is_extension_member || relation->is_configuration));
}

static bool
reject_column(const Matching *matching, const MaskRule *rule, int relation)
{
    const Catalog *catalog = matching->catalog;
    bool is_one = rule->table.is_exact;

    if (is_one)
        diag_set_message(matching->diag,
                         "table %s has no column that matches \"%s\" of mask rule \"%s\"",
                         catalog->relations[relation].qname, rule->column.text,
                         rule->text);
    else
        diag_set_message(matching->diag,
                         "no table that matches \"%s\" has a column that matches \"%s\" "
                         "of mask rule \"%s\"",
                         rule->table.text, rule->column.text, rule->text);
    nearest_name_set_hint(matching->diag,
                          nearest_name_of_column(is_one ? &catalog->relations[relation]
                                                        : catalog->relations,
                                                 is_one ? 1 : catalog->n_relations,
                                                 rule->column.text),
                          NULL);
    return false;
}

static bool
reject_unmatched(const Matching *matching, const MaskRule *rule)
{
    const Catalog *catalog = matching->catalog;
    const Partition *partition = plan_find_partition(catalog, &rule->table);
    char *where;

    for (int i = 0; i < catalog->n_relations; i++)
    {
        if (pattern_matches(&rule->table, catalog->relations[i].schema,
                            catalog->relations[i].name))
            return reject_column(matching, rule, i);
    }
    where = mem_format("mask rule \"%s\"", rule->text);
    plan_find_explain(catalog, &rule->table, where, matching->diag);
    if (partition != NULL)
        diag_set_hint(matching->diag,
                      "%s is part of %s; a rule for that is for all of its partitions.",
                      partition->qname, catalog->relations[partition->relation].qname);
    free(where);
    return false;
}

/* An exact rule that comes before is what the user wants for that column. */
static void
note_shadow(Matching *matching, const MaskRule *rule)
{
    MaskMatches *matches = matching->matches;

    if (matching->is_used || matching->earlier == NULL || matching->earlier->is_exact)
        return;
    matches->shadows[matches->n_shadows++] =
        (MaskShadow){.rule = rule->text, .earlier = matching->earlier->text};
}

static bool
match_rule(Matching *matching, const MaskRule *rule)
{
    const Catalog *catalog = matching->catalog;
    bool is_matched = false;

    matching->is_used = false;
    matching->earlier = NULL;
    for (int i = 0; i < catalog->n_relations; i++)
    {
        const Relation *relation = &catalog->relations[i];

        if (!is_masked_table(relation, rule) ||
            !pattern_matches(&rule->table, relation->schema, relation->name))
            continue;
        for (int j = 0; j < relation->n_columns; j++)
        {
            if (!pattern_matches_schema(&rule->column, relation->columns[j].name))
                continue;
            is_matched = true;
            if (!match_column(matching, i, j, rule))
                return false;
        }
    }
    note_shadow(matching, rule);
    return is_matched || reject_unmatched(matching, rule);
}

/* ---- all of them */

/* Moves what was collected into the arena. */
static void
keep_skipped(const Matching *matching)
{
    MaskMatches *matches = matching->matches;
    MaskDecision *skipped =
        ARENA_ARRAY(matching->catalog->arena, matches->n_skipped, MaskDecision);

    if (matches->n_skipped > 0)
        memcpy(skipped, matches->skipped, (size_t)matches->n_skipped * sizeof(*skipped));
    free(matches->skipped);
    matches->skipped = skipped;
}

MaskMatches *
mask_match_rules(const Catalog *catalog, const MaskFacts *facts,
                 const MaskRuleList *rules, Diag *diag)
{
    Matching matching = {.catalog = catalog,
                         .facts = facts,
                         .matches = arena_alloc(catalog->arena, sizeof(MaskMatches)),
                         .diag = diag};
    bool is_good = true;

    matching.matches->columns =
        ARENA_ARRAY(catalog->arena, catalog->n_relations, MaskMatch *);
    for (int i = 0; i < catalog->n_relations; i++)
        matching.matches->columns[i] =
            ARENA_ARRAY(catalog->arena, catalog->relations[i].n_columns, MaskMatch);
    matching.matches->shadows = ARENA_ARRAY(catalog->arena, rules->n_rules, MaskShadow);
    for (size_t i = 0; is_good && i < rules->n_rules; i++)
        is_good = match_rule(&matching, &rules->rules[i]);
    keep_skipped(&matching);
    return is_good ? matching.matches : NULL;
}
