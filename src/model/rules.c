#include "model/rules.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/sqltext.h"
#include "model/rule_reader.h"

static const char number_name_hint[] =
    "A name that begins with a number is written in double quotes.";

/* Does the text begin with the word "where"? */
static bool
is_where(const char *text)
{
    return strncasecmp(text, "where", 5) == 0 && !sqltext_is_name(text[5], false);
}

/* Can this text, which follows a number of rows, be the rest of the rule? */
static bool
is_end_of_rows(const char *text)
{
    return *text == '\0' || is_where(text);
}

/* Reads the decimal number at text; without strtod(), which depends on the locale. */
static double
read_decimal(const char *text)
{
    double value = 0;
    double unit = 1;

    for (; sqltext_is_digit(*text); text++)
        value = value * 10 + (*text - '0');
    if (*text == '.')
    {
        for (text++; sqltext_is_digit(*text); text++)
        {
            value = value * 10 + (*text - '0');
            unit *= 10;
        }
    }
    return value / unit;
}

static bool
read_percent(RuleReader *reader, Rule *rule, const char *text)
{
    double percent = read_decimal(text);

    /* Written like this, an absurd number of digits is refused as well. */
    if (!(percent <= 100))
        return rule_reader_reject(reader, "a percent cannot be more than 100", NULL);
    if (percent == 0)
    {
        rule->kind = RULE_COUNT;
        return true;
    }
    rule->kind = RULE_PERCENT;
    rule->percent = percent;
    return true;
}

static bool
read_count(RuleReader *reader, Rule *rule, const char *text)
{
    rule->kind = RULE_COUNT;
    for (; sqltext_is_digit(*text); text++)
    {
        int digit = *text - '0';

        if (rule->count > (INT64_MAX - digit) / 10)
            return rule_reader_reject(reader, "the count is too large",
                                      "For all rows, write * in place of the count.");
        rule->count = rule->count * 10 + digit;
    }
    if (*text == '.')
        return rule_reader_reject(reader, "a count must be a whole number",
                                  "A percent has a percent sign: 0.5%.");
    return true;
}

/* Reads the rows at text, over which rule_text_skip_rows() came to end. */
static bool
read_row_limit(RuleReader *reader, Rule *rule, const char *text, const char *end)
{
    if (*text == '*')
    {
        rule->kind = RULE_ALL;
        return true;
    }
    if (*text == '-')
        return rule_reader_reject(reader, "a number of rows cannot be negative", NULL);
    if (*text == '+')
        return rule_reader_reject(reader, "a number of rows has no sign", NULL);
    return end[-1] == '%' ? read_percent(reader, rule, text)
                          : read_count(reader, rule, text);
}

static bool
read_rule_condition(RuleReader *reader, Rule *rule, const char *text)
{
    if (*text == '=')
        return rule_reader_reject(reader, "there is one = too many", NULL);
    if (is_where(text))
        return rule_reader_reject(reader,
                                  "\"where\" needs *, a count or a percent before it",
                                  "A condition alone is written without it: t = a > 5.");
    rule->kind = RULE_ALL;
    rule->condition = text;
    return rule_reader_check_sql(reader, text);
}

/* Reads what is right of the =, or a rule that has none. */
static bool
read_rule_value(RuleReader *reader, Rule *rule, const char *text)
{
    const char *end = rule_text_skip_rows(text);
    const char *rest = end != NULL ? sqltext_skip_blanks(end) : NULL;

    if (*text == '\0')
        return rule_reader_reject(reader, "nothing follows the =",
                                  "Write *, a count, a percent or a condition.");
    if (end == NULL || (*text != '*' && !is_end_of_rows(rest)))
        return read_rule_condition(reader, rule, text);
    if (!is_end_of_rows(rest))
        return rule_reader_reject(reader, "only \"where CONDITION\" can follow *", NULL);
    if (!read_row_limit(reader, rule, text, end))
        return false;
    if (*rest == '\0')
        return true;
    rule->condition = sqltext_skip_blanks(rest + strlen("where"));
    if (*rule->condition == '\0')
        return rule_reader_reject(reader, "no condition follows \"where\"", NULL);
    return rule_reader_check_sql(reader, rule->condition);
}

/* Reports what is wrong with a rule that has no "PATTERN =". */
static bool
reject_without_equals(const RuleReader *reader, bool is_quote_open)
{
    const char *problem =
        is_quote_open ? "unterminated double quote" : "there is no \"PATTERN =\" in it";
    const char *hint = "Only *, a count or a percent can stand alone; for any table, "
                       "write \"* = CONDITION\".";

    if (reader->position == 0)
        hint = "Write PATTERN = ROWS, for example \"orders = total > 100\".";
    return rule_reader_reject(reader, problem, hint);
}

/* Reads the current rule. Only in a list can a number of rows be a rule. */
static bool
read_limit_rule(RuleReader *reader, Rule *rule)
{
    const char *end = rule_text_skip_rows(reader->text);
    const char *rest = end != NULL ? sqltext_skip_blanks(end) : NULL;
    const char *equals;
    bool is_quote_open;

    *rule = (Rule){.text = reader->text};
    if (*reader->text == '\0')
        return rule_reader_reject_empty(reader);
    if (end != NULL && is_end_of_rows(rest))
    {
        if (reader->position == 0)
            return reject_without_equals(reader, false);
        return rule_reader_pattern(reader, &rule->pattern, "*", 1) &&
               read_rule_value(reader, rule, reader->text);
    }
    if (end != NULL && *reader->text != '*' && (rest > end || *rest == '='))
        return rule_reader_reject(reader, "only \"where CONDITION\" can follow a number",
                                  number_name_hint);
    equals = sqltext_find(reader->text, "=", &is_quote_open);
    if (equals == NULL)
        return reject_without_equals(reader, is_quote_open);
    return rule_reader_pattern(reader, &rule->pattern, reader->text,
                               (size_t)(equals - reader->text)) &&
           read_rule_value(reader, rule, sqltext_skip_blanks(equals + 1));
}

bool
rules_append(RuleList *list, Arena *arena, const char *argument, Diag *diag)
{
    RuleReader reader = {.arena = arena,
                         .diag = diag,
                         .what = "limit rule",
                         .next = argument};

    while (reader.next != NULL)
    {
        MEM_GROW(list->rules, list->capacity, list->n_rules);
        if (!rule_reader_next(&reader) ||
            !read_limit_rule(&reader, &list->rules[list->n_rules]))
            return false;
        list->n_rules++;
    }
    return true;
}

bool
rules_parse_one(Rule *rule, Arena *arena, const char *text, const char *what, Diag *diag)
{
    RuleReader reader = {.arena = arena, .diag = diag, .what = what};

    reader.text = rule_text_copy(arena, text, strlen(text));
    return read_limit_rule(&reader, rule);
}

int
rules_find(const RuleList *list, const char *schema, const char *name)
{
    for (size_t i = 0; i < list->n_rules; i++)
    {
        if (pattern_matches(&list->rules[i].pattern, schema, name))
            return (int)i;
    }
    return -1;
}

int
rules_find_literal(const RuleList *list, const char *schema, const char *name)
{
    for (size_t i = 0; i < list->n_rules; i++)
    {
        if (list->rules[i].pattern.is_literal &&
            pattern_matches(&list->rules[i].pattern, schema, name))
            return (int)i;
    }
    return -1;
}

void
rules_free(RuleList *list)
{
    free(list->rules);
    *list = (RuleList){0};
}
