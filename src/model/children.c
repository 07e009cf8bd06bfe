#include "model/children.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/sqltext.h"
#include "model/rule_reader.h"

static const char form_hint[] =
    "Write PATTERN = N, for example \"orders = 10\"; * stands for all of them, and 0 for "
    "none.";

static bool
matches_constraint(const Pattern *pattern, const char *schema, const char *table,
                   const char *constraint)
{
    return fnmatch(pattern->name, constraint, 0) == 0 &&
           (pattern->schema == NULL || fnmatch(pattern->schema, schema, 0) == 0 ||
            fnmatch(pattern->schema, table, 0) == 0);
}

FkRank
children_rank_pattern(const Pattern *pattern, const char *schema, const char *table,
                      const char *constraint)
{
    if (constraint != NULL && matches_constraint(pattern, schema, table, constraint))
        return pattern->is_literal ? FK_RANK_CONSTRAINT : FK_RANK_WILDCARD;
    if (pattern_matches(pattern, schema, table))
        return pattern->is_literal ? FK_RANK_TABLE : FK_RANK_WILDCARD;
    return FK_RANK_NONE;
}

/* Reports why what is right of the = is no number of children. */
static bool
reject_number(const RuleReader *reader, const char *text)
{
    const char *end = rule_text_skip_rows(text);
    const char *rest = end != NULL ? sqltext_skip_blanks(end) : "";

    if (*text == '\0')
        return rule_reader_reject(reader, "nothing follows the =", form_hint);
    if (end != NULL && end[-1] == '%')
        return rule_reader_reject(
            reader, "a number of children cannot be a percent",
            "A rule gives the number of children of each parent row: a number, * or 0.");
    if (end != NULL && *rest == '\0' && *text == '-')
        return rule_reader_reject(reader, "a number of children cannot be negative",
                                  "For no children at all, write 0.");
    if (end != NULL && *rest == '\0')
        return rule_reader_reject(reader, "a number of children must be a whole number",
                                  form_hint);
    return rule_reader_reject(
        reader, "only a number, * or 0 can follow the =",
        "Children cannot be chosen by a condition here; --where-column is a condition "
        "on all tables that have the column.");
}

/* Reads what is right of the =. */
static bool
read_cap(const RuleReader *reader, ChildrenRule *rule, const char *text)
{
    const char *digit = text;

    if (strcmp(text, "*") == 0)
    {
        rule->cap = -1;
        return true;
    }
    for (; sqltext_is_digit(*digit); digit++)
    {
        if (rule->cap > (INT64_MAX - (*digit - '0')) / 10)
            return rule_reader_reject(reader, "the number is too large",
                                      "For all children, write * in place of it.");
        rule->cap = rule->cap * 10 + (*digit - '0');
    }
    if (digit == text || *digit != '\0')
        return reject_number(reader, text);
    return true;
}

static bool
read_children_rule(const RuleReader *reader, ChildrenRule *rule)
{
    const char *equals;
    bool is_quote_open;

    *rule = (ChildrenRule){.text = reader->text};
    if (*reader->text == '\0')
        return rule_reader_reject_empty(reader);
    equals = sqltext_find(reader->text, "=", &is_quote_open);
    if (is_quote_open)
        return rule_reader_reject(reader, "unterminated double quote",
                                  rule_reader_csv_hint);
    if (equals == NULL)
        return rule_reader_reject(reader, "there is no \"PATTERN =\" in it", form_hint);
    return rule_reader_pattern(reader, &rule->pattern, reader->text,
                               (size_t)(equals - reader->text)) &&
           read_cap(reader, rule, sqltext_skip_blanks(equals + 1));
}

bool
children_append(ChildrenRules *list, Arena *arena, const char *argument, Diag *diag)
{
    RuleReader reader = {.arena = arena,
                         .diag = diag,
                         .what = "children rule",
                         .next = argument};

    while (reader.next != NULL)
    {
        MEM_GROW(list->rules, list->capacity, list->n_rules);
        if (!rule_reader_next(&reader) ||
            !read_children_rule(&reader, &list->rules[list->n_rules]))
            return false;
        list->n_rules++;
    }
    return true;
}

static void
set_conflict(Diag *diag, const ChildrenRule *one, const ChildrenRule *other,
             const char *schema, const char *table, const char *constraint)
{
    if (constraint != NULL)
        diag_set_message(diag,
                         "conflicting children rules for foreign key \"%s\" of %s.%s: "
                         "\"%s\" and \"%s\"",
                         constraint, schema, table, one->text, other->text);
    else
        diag_set_message(diag,
                         "conflicting children rules for the declared reference of "
                         "%s.%s: \"%s\" and \"%s\"",
                         schema, table, one->text, other->text);
    diag_set_hint(diag,
                  "A rule with the name of the foreign key has precedence over one with "
                  "the name of the table, and that over wildcards; the order of rules "
                  "means nothing.");
}

bool
children_find_cap(ChildrenRules *list, const char *schema, const char *table,
                  const char *constraint, int64_t *cap, Diag *diag)
{
    const ChildrenRule *best = NULL;
    const ChildrenRule *other = NULL; /* of the same rank, and not the same number */
    FkRank best_rank = FK_RANK_NONE;

    for (size_t i = 0; i < list->n_rules; i++)
    {
        ChildrenRule *rule = &list->rules[i];
        FkRank rank = children_rank_pattern(&rule->pattern, schema, table, constraint);

        if (rank == FK_RANK_NONE)
            continue;
        rule->is_used = true;
        if (rank > best_rank)
        {
            best = rule;
            best_rank = rank;
            other = NULL;
        }
        else if (rank == best_rank && other == NULL && rule->cap != best->cap)
        {
            other = rule;
        }
    }
    *cap = best != NULL ? best->cap : -1;
    if (other != NULL)
        set_conflict(diag, best, other, schema, table, constraint);
    return other == NULL;
}

void
children_free(ChildrenRules *list)
{
    free(list->rules);
    *list = (ChildrenRules){0};
}
