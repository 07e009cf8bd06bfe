#include "model/mask_check.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "mask/mask_kind.h"

/* ---- members */

const MaskMatch *
mask_check_get_match(const MaskGroup *group, int number)
{
    int relation;
    int column;

    mask_class_locate(group->classes, number, &relation, &column);
    return &group->matches->columns[relation][column];
}

const MaskColumnFacts *
mask_check_get_facts(const MaskGroup *group, int number)
{
    int relation;
    int column;

    mask_class_locate(group->classes, number, &relation, &column);
    return &group->facts->columns[relation][column];
}

const char *
mask_check_name_column(const MaskClasses *classes, int number)
{
    const Catalog *catalog = classes->catalog;
    int relation;
    int column;
    char *text;
    const char *name;

    mask_class_locate(classes, number, &relation, &column);
    text = mem_format("%s.%s", catalog->relations[relation].qname,
                      catalog->relations[relation].columns[column].qname);
    name = arena_copy_string(catalog->arena, text);
    free(text);
    return name;
}

static bool
is_mask(const MaskGroup *group, const char *name)
{
    return strcmp(group->rule->spec.kind->name, name) == 0;
}

/* "column x cannot be masked by rule y", and why; false. */
static bool
refuse_column(const MaskGroup *group, int number, const char *reason, const char *hint,
              Diag *diag)
{
    const MaskRule *rule = group->rule != NULL
                               ? group->rule
                               : mask_check_get_match(group, group->decider)->paths[0];

    diag_set_message(diag, "column %s cannot be masked by rule \"%s\"",
                     mask_check_name_column(group->classes, number), rule->text);
    if (number != group->decider)
        diag_set_detail(diag,
                        "The reason: %s. The rule is for column %s, and so for all "
                        "columns that refer to it or that it refers to.",
                        reason, mask_check_name_column(group->classes, group->decider));
    else
        diag_set_detail(diag, "The reason: %s.", reason);
    if (hint != NULL)
        diag_set_hint(diag, "%s", hint);
    return false;
}

/* ---- one rule for all */

static bool
refuse_conflict(const MaskGroup *group, int number, const MaskRule *rule, Diag *diag)
{
    diag_set_message(diag, "columns %s and %s must have the same mask",
                     mask_check_name_column(group->classes, group->decider),
                     mask_check_name_column(group->classes, number));
    diag_set_detail(diag,
                    "Rule \"%s\" is for the first, and rule \"%s\" for the second. "
                    "Foreign keys, declared references or inheritance connect them.",
                    group->rule->text, rule->text);
    diag_set_hint(diag, "Write a rule for one of them; it is for the others as well.");
    return false;
}

/*
 * "keep" for what no rule before it is for, as in "*.* = keep", leaves a class to these.
 * Both are of one list.
 */
static bool
gives_way(const MaskRule *rule, const MaskRule *other)
{
    return !rule->is_exact && mask_spec_is_keep(&rule->spec) && other < rule;
}

static bool
choose_of_two(MaskGroup *group, int number, const MaskRule *rule, Diag *diag)
{
    if (group->rule == NULL || gives_way(group->rule, rule))
    {
        group->rule = rule;
        group->decider = number;
        return true;
    }
    return gives_way(rule, group->rule) ||
           mask_spec_is_same(&rule->spec, &group->rule->spec) ||
           refuse_conflict(group, number, rule, diag);
}

bool
mask_check_choose_rule(MaskGroup *group, Diag *diag)
{
    group->rule = NULL;
    group->decider = -1;
    for (int i = 0; i < group->n_members; i++)
    {
        int number = group->members[i];
        const MaskMatch *match = mask_check_get_match(group, number);

        if (match->rule != NULL && !choose_of_two(group, number, match->rule, diag))
            return false;
        if (match->n_paths > 0 && group->decider < 0)
            group->decider = number;
    }
    return true;
}

/* ---- paths */

static bool
check_computed(const MaskGroup *group, int number, Diag *diag)
{
    const Reference *reference = group->classes->computed[number];
    char *reason;

    if (reference == NULL)
        return true;
    reason = mem_format("the declared reference \"%s\" computes with it, or refers to it "
                        "by an expression",
                        reference->text);
    refuse_column(group, number, reason,
                  "Its values must stay as they are: write \"keep\".", diag);
    free(reason);
    return false;
}

/* The column has rules for paths. */
static bool
check_paths_of(const MaskGroup *group, int number, Diag *diag)
{
    const MaskMatch *match = mask_check_get_match(group, number);

    if (group->n_members > 1 || group->is_unique)
        return refuse_column(
            group, number,
            "a rule for a path cannot be for a column of a key, or for one that "
            "refers to others",
            NULL, diag);
    if (group->rule != NULL && !is_mask(group, "json") &&
        !mask_spec_is_keep(&group->rule->spec))
    {
        diag_set_message(diag, "column %s has rule \"%s\", and for a path of it \"%s\"",
                         mask_check_name_column(group->classes, number),
                         group->rule->text, match->paths[0]->text);
        diag_set_hint(diag, "Beside rules for paths, the rule for the column can be "
                            "\"json all\" or \"keep\".");
        return false;
    }
    return check_computed(group, number, diag);
}

static bool
check_paths(const MaskGroup *group, Diag *diag)
{
    for (int i = 0; i < group->n_members; i++)
    {
        int number = group->members[i];

        if (mask_check_get_match(group, number)->n_paths > 0 &&
            !check_paths_of(group, number, diag))
            return false;
    }
    return true;
}

/* ---- each column */

/* What all masks of the class have room for is what each of them has. */
static int
choose_less(int one, int other)
{
    return one == 0 || (other != 0 && other < one) ? other : one;
}

static bool
is_compared_in(const MaskGroup *group, MaskCanonical form)
{
    bool is_all = true;

    for (int i = 0; i < group->n_members; i++)
    {
        int number = group->members[i];

        if (mask_check_get_facts(group, number)->canonical != form)
            is_all = false;
        else if (group->is_key[number])
            return true;
    }
    return is_all;
}

/*
 * What refers to a key is compared as the key's type does it: text that refers to citext
 * without regard to case, and text that refers to char(n) without the blanks at its end,
 * but citext that refers to text as text.
 */
static MaskCanonical
choose_texts(const MaskGroup *group)
{
    if (is_compared_in(group, MASK_CANONICAL_LOWERED))
        return MASK_CANONICAL_LOWERED;
    if (is_compared_in(group, MASK_CANONICAL_TRIMMED))
        return MASK_CANONICAL_TRIMMED;
    return MASK_CANONICAL_AS_IS;
}

MaskCanonical
mask_check_choose_form(const MaskGroup *group, int number)
{
    const MaskColumnFacts *facts = mask_check_get_facts(group, number);

    if (facts->target.type != MASK_TYPE_TEXT || facts->target.is_array)
        return facts->canonical;
    if (group->texts != MASK_CANONICAL_AS_IS)
        return group->texts;
    return facts->canonical == MASK_CANONICAL_LOWERED ? MASK_CANONICAL_AS_IS
                                                      : facts->canonical;
}

static void
set_target(MaskGroup *group)
{
    MaskTarget *target = &group->target;

    *target = mask_check_get_facts(group, group->decider)->target;
    group->texts = choose_texts(group);
    target->is_lowered = group->texts == MASK_CANONICAL_LOWERED;
    for (int i = 0; i < group->n_members; i++)
    {
        const MaskTarget *other = &mask_check_get_facts(group, group->members[i])->target;

        target->max_length = choose_less(target->max_length, other->max_length);
        target->size = choose_less(target->size, other->size);
        if (target->precision == 0 ||
            (other->precision > 0 &&
             other->precision - other->scale < target->precision - target->scale))
        {
            target->precision = other->precision;
            target->scale = other->scale;
        }
    }
    target->is_unique = group->is_unique;
}

static bool
is_same_type(const MaskTarget *one, const MaskTarget *other)
{
    return one->type == other->type && one->is_array == other->is_array &&
           one->is_cidr == other->is_cidr && one->has_time_zone == other->has_time_zone;
}

static bool
is_integral(const MaskTarget *target)
{
    return !target->is_array &&
           (target->type == MASK_TYPE_INTEGER || target->type == MASK_TYPE_NUMERIC);
}

/* Values that are equal across types have different texts; but whole numbers have one. */
static bool
check_member_type(const MaskGroup *group, int number, Diag *diag)
{
    const MaskTarget *target = &mask_check_get_facts(group, number)->target;
    const MaskTarget *decider = &mask_check_get_facts(group, group->decider)->target;

    if (is_same_type(target, decider) ||
        (is_mask(group, "key") && is_integral(target) && is_integral(decider)))
        return true;
    return refuse_column(
        group, number, "columns of different types refer to each other",
        "Masks of numbers of different types agree only with \"key\"; \"keep\" "
        "is for all types.",
        diag);
}

static bool
check_nature(const MaskGroup *group, int number, Diag *diag)
{
    int relation;
    int column;
    const char *obstacle;

    mask_class_locate(group->classes, number, &relation, &column);
    obstacle = mask_match_find_obstacle(group->catalog, group->facts, relation, column,
                                        group->rule);
    return obstacle == NULL || refuse_column(group, number, obstacle, NULL, diag);
}

/* Is a generated column that is computed from the column part of a foreign key? */
static bool
check_generated(const MaskGroup *group, int number, Diag *diag)
{
    const MaskFacts *facts = group->facts;
    int relation;
    int column;

    mask_class_locate(group->classes, number, &relation, &column);
    for (int i = 0; i < facts->n_generated; i++)
    {
        const MaskGeneratedFacts *of = &facts->generated[i];
        const ForeignKey *keys = group->catalog->foreign_keys;

        if (of->generated.relation != relation ||
            !catalog_has_column(of->sources, of->n_sources, column))
            continue;
        for (int j = 0; j < group->catalog->n_foreign_keys; j++)
        {
            const ForeignKey *key = &keys[j];

            if ((key->referencing == relation &&
                 catalog_has_column(key->referencing_columns, key->n_columns,
                                    of->generated.column)) ||
                (key->referenced == relation &&
                 catalog_has_column(key->referenced_columns, key->n_columns,
                                    of->generated.column)))
                return refuse_column(
                    group, number,
                    "a generated column of a foreign key is computed from it", NULL,
                    diag);
        }
    }
    return true;
}

static bool
check_exclusion(const MaskGroup *group, int number, Diag *diag)
{
    const char *exclusion = mask_check_get_facts(group, number)->exclusion;
    char *reason;

    if (exclusion == NULL || is_mask(group, "key") || is_mask(group, "uuid"))
        return true;
    reason = mem_format("exclusion constraint %s has it", exclusion);
    refuse_column(group, number, reason,
                  "Only the masks key and uuid are possible there.", diag);
    free(reason);
    return false;
}

static bool
check_null(const MaskGroup *group, int number, Diag *diag)
{
    if (!is_mask(group, "null"))
        return true;
    if (!mask_check_get_facts(group, number)->target.is_nullable)
        return refuse_column(group, number, "it is NOT NULL", NULL, diag);
    return !group->is_unique ||
           refuse_column(group, number, "it is a column of a key, or refers to one", NULL,
                         diag);
}

/* Is what the mask computes the same for equal values, in each row? */
static bool
check_function(const MaskGroup *group, int number, Diag *diag)
{
    const MaskSpec *spec = &group->rule->spec;

    if (group->n_members == 1 && !group->is_unique)
        return true;
    if (spec->sql != NULL)
        return refuse_column(
            group, number,
            "it is a column of a key or refers to others, and an SQL expression "
            "need not keep equal values equal and others different",
            NULL, diag);
    if (spec->by_column != NULL)
        return refuse_column(
            group, number,
            "it is a column of a key or refers to others, and a mask by another "
            "column gives equal values different masks",
            NULL, diag);
    if (mask_check_get_facts(group, number)->is_nondeterministic)
        return refuse_column(
            group, number,
            "its collation is nondeterministic, so that texts that differ can "
            "be equal",
            "Its values must stay as they are: write \"keep\".", diag);
    return true;
}

static bool
check_by_column(const MaskGroup *group, int number, Diag *diag)
{
    const char *name = group->rule->spec.by_column;
    int relation;
    int column;
    char *reason;

    mask_class_locate(group->classes, number, &relation, &column);
    if (name == NULL ||
        catalog_find_column(&group->catalog->relations[relation], name) >= 0)
        return true;
    reason = mem_format("its table has no column \"%s\"", name);
    refuse_column(group, number, reason, NULL, diag);
    free(reason);
    return false;
}

static bool
check_unique(const MaskGroup *group, Diag *diag)
{
    const char *key;
    char *reason;

    if (!group->is_unique ||
        mask_spec_get_uniqueness(&group->rule->spec, &group->target) != MASK_NOT_UNIQUE)
        return true;
    key = mask_check_name_column(group->classes, group->unique_member);
    reason = group->unique_member == group->decider
                 ? mem_format("it is a column of a unique or referenced key, and mask "
                              "\"%s\" can give different values the same mask",
                              group->rule->spec.text)
                 : mem_format("it refers to %s, or that to it, a column of a unique or "
                              "referenced key, and mask \"%s\" can give different values "
                              "the same mask",
                              key, group->rule->spec.text);
    refuse_column(group, group->decider, reason, NULL, diag);
    mask_match_hint_at_kinds(group->rule->spec.kind, &group->target, true, diag);
    free(reason);
    return false;
}

static bool
check_member(const MaskGroup *group, int number, Diag *diag)
{
    return check_nature(group, number, diag) && check_computed(group, number, diag) &&
           check_member_type(group, number, diag) &&
           check_exclusion(group, number, diag) && check_generated(group, number, diag) &&
           check_null(group, number, diag) && check_by_column(group, number, diag) &&
           check_function(group, number, diag);
}

bool
mask_check_group(MaskGroup *group, Diag *diag)
{
    set_target(group);
    if (!check_paths(group, diag))
        return false;
    if (group->rule == NULL || mask_spec_is_keep(&group->rule->spec))
        return true;
    for (int i = 0; i < group->n_members; i++)
    {
        if (!check_member(group, group->members[i], diag))
            return false;
    }
    return check_unique(group, diag);
}
