#include "model/mask_rule.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/sqltext.h"
#include "model/rule_reader.h"

static const char mask_form_hint[] =
    "Write TABLE.COLUMN = MASK, for example \"customer.email = email\"; --mask-list "
    "prints all masks.";

/* ---- the left side */

/* The path behind the blank that ends the pattern: a $ outside of quotes; or NULL. */
static const char *
find_path(const char *text, const char *end)
{
    bool is_quoted = false;

    for (const char *c = text; c < end; c++)
    {
        if (*c == '"')
            is_quoted = !is_quoted;
        else if (!is_quoted && *c == '$' && c > text && sqltext_is_blank(c[-1]))
            return c;
    }
    return NULL;
}

/* The last dot outside of quotes; *n is the number of them all. */
static const char *
find_last_dot(const char *text, int *n)
{
    const char *last = NULL;
    bool is_quoted = false;

    *n = 0;
    for (; *text != '\0'; text++)
    {
        if (*text == '"')
            is_quoted = !is_quoted;
        else if (!is_quoted && *text == '.')
        {
            last = text;
            ++*n;
        }
    }
    return last;
}

static bool
reject_with(const RuleReader *reader, Diag *problem)
{
    rule_reader_reject(reader, problem->message, problem->hint);
    diag_free(problem);
    return false;
}

static bool
read_column_pattern(const RuleReader *reader, MaskRule *rule, const char *text)
{
    int n_dots;
    const char *dot = find_last_dot(text, &n_dots);
    Diag problem = {0};

    if (*text == '\0')
        return rule_reader_reject(reader,
                                  "there is no column before the =", mask_form_hint);
    if (n_dots == 0)
        return rule_reader_reject(reader, "the column has no table before it",
                                  "Write TABLE.COLUMN or SCHEMA.TABLE.COLUMN; *.email "
                                  "is the column in any table.");
    if (n_dots > 2)
        return rule_reader_reject(
            reader, "too many dots",
            "A pattern is TABLE.COLUMN or SCHEMA.TABLE.COLUMN; a name that contains a "
            "dot is written in double quotes.");
    if (!pattern_parse(&rule->table, reader->arena,
                       rule_text_copy(reader->arena, text, (size_t)(dot - text)),
                       &problem) ||
        !pattern_parse_schema(&rule->column, reader->arena,
                              rule_text_copy(reader->arena, dot + 1, strlen(dot + 1)),
                              &problem))
        return reject_with(reader, &problem);
    rule->is_exact = rule->table.is_exact && rule->column.is_exact;
    return true;
}

/* Reads what is left of the =, from start to end. */
static bool
read_left_side(const RuleReader *reader, MaskRule *rule, const char *start,
               const char *end)
{
    const char *path = find_path(start, end);
    const char *pattern_end = path != NULL ? path : end;

    if (path != NULL)
        rule->path = rule_text_copy(reader->arena, path, (size_t)(end - path));
    return read_column_pattern(reader, rule,
                               rule_text_copy(reader->arena, start,
                                              (size_t)(pattern_end - start)));
}

/* ---- rules */

static bool
read_mask(const RuleReader *reader, MaskRule *rule, const char *text)
{
    Diag problem = {0};

    if (*text == '\0')
        return rule_reader_reject(reader, "nothing follows the =", mask_form_hint);
    if (mask_spec_parse(&rule->spec, reader->arena, text, &problem))
        return rule->spec.sql == NULL || rule_reader_check_sql(reader, rule->spec.sql);
    return reject_with(reader, &problem);
}

static bool
read_mask_rule(const RuleReader *reader, MaskRule *rule)
{
    const char *equals;
    bool is_quote_open;

    *rule = (MaskRule){.text = reader->text};
    if (*reader->text == '\0')
        return rule_reader_reject_empty(reader);
    equals = sqltext_find(reader->text, "=", &is_quote_open);
    if (equals == NULL)
        return rule_reader_reject(reader,
                                  is_quote_open ? "unterminated double quote"
                                                : "there is no \"COLUMN =\" in it",
                                  is_quote_open ? rule_reader_csv_hint : mask_form_hint);
    return read_left_side(reader, rule, reader->text, equals) &&
           read_mask(reader, rule, sqltext_skip_blanks(equals + 1));
}

bool
mask_rule_append(MaskRuleList *list, Arena *arena, const char *argument, Diag *diag)
{
    RuleReader reader = {.arena = arena,
                         .diag = diag,
                         .what = "mask rule",
                         .next = argument};

    while (reader.next != NULL)
    {
        MEM_GROW(list->rules, list->capacity, list->n_rules);
        if (!rule_reader_next(&reader) ||
            !read_mask_rule(&reader, &list->rules[list->n_rules]))
            return false;
        list->n_rules++;
    }
    return true;
}

bool
mask_rule_matches(const MaskRule *rule, const char *schema, const char *table,
                  const char *column)
{
    return pattern_matches(&rule->table, schema, table) &&
           pattern_matches_schema(&rule->column, column);
}

void
mask_rule_free(MaskRuleList *list)
{
    free(list->rules);
    *list = (MaskRuleList){0};
}
