/*
 * Masks are tried, the one that fits what the column looks like first: the first that
 * nothing speaks against is suggested. Each is checked as a rule of the user's would be.
 */
#include "model/mask_suggest.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/sqltext.h"
#include "base/strbuf.h"

struct MaskSuggest
{
    const MaskModel *model;
    MaskKey *key;
    MaskMatches matches; /* with the rule that is tried, alone */
    bool *is_suggested;  /* by class */
};

MaskSuggest *
mask_suggest_new(const MaskModel *model, MaskKey *key)
{
    const Catalog *catalog = model->catalog;
    MaskSuggest *suggest = arena_alloc(catalog->arena, sizeof(*suggest));

    suggest->model = model;
    suggest->key = key;
    suggest->is_suggested = ARENA_ARRAY(catalog->arena, model->classes->n, bool);
    suggest->matches.columns =
        ARENA_ARRAY(catalog->arena, catalog->n_relations, MaskMatch *);
    for (int i = 0; i < catalog->n_relations; i++)
        suggest->matches.columns[i] =
            ARENA_ARRAY(catalog->arena, catalog->relations[i].n_columns, MaskMatch);
    return suggest;
}

/* The bytes of a control character that the text begins with: 0: it is none. */
static size_t
measure_control(const char *text)
{
    unsigned char c = (unsigned char)text[0];
    unsigned char next = (unsigned char)text[1];

    if (c < 0x20 || c == 0x7f)
        return 1;
    return c == 0xc2 && next >= 0x80 && next <= 0x9f ? 2 : 0;
}

/* In double quotes; control characters are not printed: a wildcard stands for them. */
static void
append_quoted_name(PQExpBuffer text, const char *name)
{
    while (*name != '\0')
    {
        const char *start = name;

        while (*name != '\0' && measure_control(name) == 0)
            name++;
        if (name > start)
            sqltext_append_quoted(text, start, (size_t)(name - start));
        if (*name == '\0')
            return;
        appendPQExpBufferChar(text, '*');
        name += measure_control(name);
    }
}

/* A name as a pattern has it. */
static void
append_pattern_name(PQExpBuffer text, const char *name)
{
    size_t length = strlen(name);
    bool is_plain = !sqltext_is_digit(*name) &&
                    strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == length;

    if (is_plain)
        appendPQExpBufferStr(text, name);
    else
        append_quoted_name(text, name);
}

static const char *
format_rule(const Catalog *catalog, int relation, int column, const char *mask)
{
    const Relation *table = &catalog->relations[relation];
    PQExpBufferData text;
    const char *rule;

    initPQExpBuffer(&text);
    append_pattern_name(&text, table->schema);
    appendPQExpBufferChar(&text, '.');
    append_pattern_name(&text, table->name);
    appendPQExpBufferChar(&text, '.');
    append_pattern_name(&text, table->columns[column].name);
    appendPQExpBufferChar(&text, ' ');
    appendPQExpBufferChar(&text, '=');
    appendPQExpBuffer(&text, " %s", mask);
    rule = arena_copy_string(catalog->arena, text.data);
    termPQExpBuffer(&text);
    return rule;
}

/* Does each column of the class have room for the mask? */
static bool
is_fitting(const MaskSuggest *suggest, const MaskGroup *group)
{
    Arena *arena = group->catalog->arena;

    for (int i = 0; i < group->n_members; i++)
    {
        MaskTarget target = mask_check_get_facts(group, group->members[i])->target;
        Diag problem = {0};
        Masker *masker;

        target.is_unique = group->is_unique;
        target.maximum = INT16_MAX; /* of "key": it is asked for with the rule */
        target.max_length = group->target.max_length;
        masker = masker_new(arena, &group->rule->spec, &target, suggest->key, &problem);
        diag_free(&problem);
        if (masker == NULL)
            return false;
        masker_free(masker);
    }
    return true;
}

static bool
is_possible(const MaskSuggest *suggest, int class, int relation, int column,
            const char *text)
{
    MaskMatch *match = &suggest->matches.columns[relation][column];
    MaskGroup group = mask_model_get_group(suggest->model, &suggest->matches, class);
    MaskRuleList rules = {0};
    Diag problem = {0};
    bool is_good =
        mask_rule_append(&rules, suggest->model->catalog->arena, text, &problem);

    if (is_good && rules.n_rules == 1)
    {
        match->rule = &rules.rules[0];
        is_good = mask_check_choose_rule(&group, &problem) &&
                  mask_check_group(&group, &problem) && is_fitting(suggest, &group);
        match->rule = NULL;
    }
    else
        is_good = false;
    mask_rule_free(&rules);
    diag_free(&problem);
    return is_good;
}

/* The column that the rule names: in a class with a key, that is it. */
static void
choose_named(const MaskSuggest *suggest, int class, int *relation, int *column)
{
    MaskGroup group = mask_model_get_group(suggest->model, &suggest->matches, class);

    if (group.is_unique)
        mask_class_locate(group.classes, group.unique_member, relation, column);
}

/* The mask, so that different values stay different; itself where it has no such form. */
static const char *
get_unique_form(const PersonalHit *hit)
{
    if (strcmp(hit->mask, "name") == 0)
        return "name unique";
    return strcmp(hit->mask, "ip") == 0 ? "ip prefix" : hit->mask;
}

const char *
mask_suggest_find(MaskSuggest *suggest, int relation, int column, const PersonalHit *hit)
{
    /* the mask itself, its unique form, what is unique or short, and what is nothing */
    static const char *const others[] = {NULL,  NULL,      "hash",  "uuid",  "hash 8",
                                         "key", "pattern", "words", "empty", "null"};
    const MaskModel *model = suggest->model;
    int class = mask_class_find(model->classes,
                                mask_class_number(model->classes, relation, column));

    if (suggest->is_suggested[class])
        return NULL;
    choose_named(suggest, class, &relation, &column);
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
    {
        const char *mask = i == 0 ? hit->mask : i == 1 ? get_unique_form(hit) : others[i];
        const char *rule = format_rule(model->catalog, relation, column, mask);

        if (!is_possible(suggest, class, relation, column, rule))
            continue;
        suggest->is_suggested[class] = true;
        return rule;
    }
    return NULL;
}
