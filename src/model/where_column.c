#include "model/where_column.h"

#include <string.h>
#include <strings.h>

#include "base/sqltext.h"
#include "model/rule_reader.h"

static const char form_hint[] =
    "Begin with the name of the column: tenant_id = 7, or \"Tenant\" IN (1, 2).";

/* Words that a condition can begin with and that are no names of columns. */
static const char *const reserved_words[] = {"all",  "any",   "array", "case",
                                             "cast", "false", "not",   "null",
                                             "some", "true",  "where"};

static bool
is_reserved_word(const char *text, size_t length)
{
    for (size_t i = 0; i < sizeof(reserved_words) / sizeof(reserved_words[0]); i++)
    {
        if (strlen(reserved_words[i]) == length &&
            strncasecmp(text, reserved_words[i], length) == 0)
            return true;
    }
    return false;
}

/* Is it a call, a qualified name or a constant, going by what follows the first name? */
static bool
is_other_expression(const char *rest)
{
    return *rest != '\0' && strchr("(.'", *rest) != NULL;
}

bool
where_column_parse(WhereColumn *where, Arena *arena, const char *argument, Diag *diag)
{
    RuleReader reader = {.arena = arena, .diag = diag, .what = "--where-column"};
    const char *end;
    const char *rest;

    reader.text = rule_text_copy(arena, argument, strlen(argument));
    *where = (WhereColumn){.condition = reader.text};
    if (*reader.text == '\0')
        return rule_reader_reject(&reader, "the condition is empty", form_hint);
    end = rule_text_read_name(arena, reader.text, &where->column);
    rest = end != NULL ? sqltext_skip_blanks(end) : NULL;
    if (rest != NULL && *rest == '.')
        return rule_reader_reject(&reader, "the column is written without a table",
                                  form_hint);
    if (rest == NULL || is_other_expression(rest) ||
        is_reserved_word(reader.text, (size_t)(end - reader.text)))
        return rule_reader_reject(&reader, "it does not begin with the name of a column",
                                  form_hint);
    if (*rest == '\0')
        return rule_reader_reject(
            &reader, "nothing follows the name of the column",
            "Write a condition: tenant_id = 7, or for a boolean column: active = true.");
    return rule_reader_check_sql(&reader, reader.text);
}
