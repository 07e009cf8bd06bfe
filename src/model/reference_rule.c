#include "model/reference_rule.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/plural.h"
#include "base/sqltext.h"
#include "model/rule_reader.h"
#include "model/sql_expression.h"

static const char form_hint[] =
    "Write TABLE(EXPRESSION, ...) -> TABLE(COLUMN, ...), for example "
    "\"orders(lower(email)) -> customers(email)\" or \"comments(subject_id) -> posts(id) "
    "when subject_type = 'Post'\".";

/* A list in parentheses, of as many items as the text could have at most. */
static const char **
alloc_list(Arena *arena, const char *text)
{
    size_t n_most = 1;

    for (; *text != '\0'; text++)
        n_most += *text == ',';
    return ARENA_ARRAY(arena, n_most, char *);
}

/* Fills in the diag about an item of a list, counted from 1. */
static bool
reject_item(const RuleReader *reader, const char *kind, int position, const char *problem)
{
    char *text = mem_format("%s %d %s", kind, position, problem);

    rule_reader_reject(reader, text, form_hint);
    free(text);
    return false;
}

/*
 * Reads the name of a table at *text and the parenthesis after it, to what follows that.
 */
static bool
read_reference_table(const RuleReader *reader, Pattern *pattern, const char *kind,
                     const char **text)
{
    bool is_quote_open;
    const char *end = sqltext_find(*text, "(>", &is_quote_open);
    char *problem;

    if (is_quote_open)
        return rule_reader_reject(reader, "unterminated double quote", form_hint);
    if (end == NULL || *end != '(')
    {
        problem = mem_format("no list in parentheses follows the %s table", kind);
        rule_reader_reject(reader, problem, form_hint);
        free(problem);
        return false;
    }
    if (!rule_reader_pattern(reader, pattern, *text, (size_t)(end - *text)))
        return false;
    if (!pattern->is_exact)
        return rule_reader_reject(reader, "its tables are named without wildcards",
                                  form_hint);
    *text = end + 1;
    return true;
}

/* The raw name, if the expression is nothing else. */
static const char *
find_name(Arena *arena, const char *expression)
{
    const char *name = NULL;
    const char *end = rule_text_read_name(arena, expression, &name);

    return end != NULL && *end == '\0' ? name : NULL;
}

/* Reads the expressions at *text and the parenthesis that ends them. */
static bool
read_expressions(const RuleReader *reader, ReferenceRule *rule, const char **text)
{
    const char *end;

    rule->expressions = alloc_list(reader->arena, *text);
    rule->names = alloc_list(reader->arena, *text);
    for (int i = 0;; i++)
    {
        end = sql_expression_find_end(*text);
        if (end == NULL)
            return reject_item(reader, "expression", i + 1,
                               "has a quote or a comment that is not closed");
        if (*end == '\0')
            return rule_reader_reject(
                reader, "the parenthesis around the expressions is not closed",
                form_hint);
        if (*end == ']')
            return reject_item(reader, "expression", i + 1,
                               "has a closing bracket too many");
        rule->expressions[i] =
            rule_text_copy(reader->arena, *text, (size_t)(end - *text));
        if (*rule->expressions[i] == '\0')
            return reject_item(reader, "expression", i + 1, "is empty");
        rule->names[i] = find_name(reader->arena, rule->expressions[i]);
        rule->n_columns = i + 1;
        *text = end + 1;
        if (*end == ')')
            return true;
    }
}

/* Reads the arrow at *text. The first one after the expressions is no JSON operator. */
static bool
read_arrow(const RuleReader *reader, const char **text)
{
    *text = sqltext_skip_blanks(*text);
    if (strncmp(*text, "->", 2) != 0)
        return rule_reader_reject(reader, "no -> follows the expressions", form_hint);
    *text += 2;
    return true;
}

/* Reads the columns at *text and the parenthesis that ends them. */
static bool
read_referenced_columns(const RuleReader *reader, ReferenceRule *rule, int *n_read,
                        const char **text)
{
    const char *end;

    rule->columns = alloc_list(reader->arena, *text);
    for (int i = 0;; i++)
    {
        end = rule_text_read_name(reader->arena, sqltext_skip_blanks(*text),
                                  &rule->columns[i]);
        if (end != NULL)
            end = sqltext_skip_blanks(end);
        if (end != NULL && *end == '\0')
            return rule_reader_reject(reader,
                                      "the parenthesis around the columns is not closed",
                                      form_hint);
        if (end == NULL || (*end != ',' && *end != ')'))
            return reject_item(reader, "referenced column", i + 1,
                               "is not a name; expressions are for the table before ->");
        *n_read = i + 1;
        *text = end + 1;
        if (*end == ')')
            return true;
    }
}

static bool
check_column_count(const RuleReader *reader, int n_expressions, int n_columns)
{
    char *problem;

    if (n_expressions == n_columns)
        return true;
    problem = mem_format("%d expression%s cannot refer to %d column%s", n_expressions,
                         plural(n_expressions), n_columns, plural(n_columns));
    rule_reader_reject(reader, problem, form_hint);
    free(problem);
    return false;
}

/* Reads what follows the columns. */
static bool
read_when(const RuleReader *reader, ReferenceRule *rule, const char *text)
{
    text = sqltext_skip_blanks(text);
    if (*text == '\0')
        return true;
    if (strncasecmp(text, "when", 4) != 0 || sqltext_is_name(text[4], false))
        return rule_reader_reject(reader,
                                  "only \"when CONDITION\" can follow the columns",
                                  form_hint);
    rule->condition = sqltext_skip_blanks(text + 4);
    return *rule->condition != '\0' ||
           rule_reader_reject(reader, "no condition follows \"when\"", form_hint);
}

bool
reference_rule_parse(ReferenceRule *rule, Arena *arena, const char *argument, Diag *diag)
{
    RuleReader reader = {.arena = arena, .diag = diag, .what = "--reference"};
    const char *text = rule_text_copy(arena, argument, strlen(argument));
    int n_columns = 0;

    reader.text = text;
    *rule = (ReferenceRule){.text = text};
    return read_reference_table(&reader, &rule->referencing, "referencing", &text) &&
           read_expressions(&reader, rule, &text) && read_arrow(&reader, &text) &&
           read_reference_table(&reader, &rule->referenced, "referenced", &text) &&
           read_referenced_columns(&reader, rule, &n_columns, &text) &&
           check_column_count(&reader, rule->n_columns, n_columns) &&
           read_when(&reader, rule, text);
}
