#include "model/sql_expression.h"

#include <stdbool.h>
#include <string.h>

#include "base/sqltext.h"

/* Over $tag$ ... $tag$, or over the $ alone if it begins no such string. */
static const char *
skip_dollar_quoted(const char *text)
{
    size_t length = sqltext_measure_tag(text, text + strlen(text));
    const char *end;

    if (length == 0)
        return text + 1;
    for (end = strchr(text + length, '$'); end != NULL; end = strchr(end + 1, '$'))
    {
        if (strncmp(end, text, length) == 0)
            return end + length;
    }
    return NULL;
}

/* Over a comment, which may have others in it. */
static const char *
skip_block_comment(const char *text)
{
    int depth = 0;

    do
    {
        if (*text == '\0')
            return NULL;
        if (text[0] == '/' && text[1] == '*')
        {
            depth++;
            text += 2;
        }
        else if (text[0] == '*' && text[1] == '/')
        {
            depth--;
            text += 2;
        }
        else
        {
            text++;
        }
    } while (depth > 0);
    return text;
}

/* Over a name, a keyword or a number, and the string that an E begins. */
static const char *
skip_word(const char *text)
{
    const char *end = text;

    while (sqltext_is_name(*end, false))
        end++;
    if (end == text + 1 && (*text == 'e' || *text == 'E') && *end == '\'')
        return sqltext_skip_quoted(end, true);
    return end;
}

const char *
sql_expression_skip_piece(const char *text)
{
    if (*text == '\'' || *text == '"')
        return sqltext_skip_quoted(text, false);
    if (*text == '$')
        return skip_dollar_quoted(text);
    if (text[0] == '-' && text[1] == '-')
        return text + strcspn(text, "\r\n");
    if (text[0] == '/' && text[1] == '*')
        return skip_block_comment(text);
    if (sqltext_is_name(*text, false))
        return skip_word(text);
    return *text != '\0' ? text + 1 : text;
}

const char *
sql_expression_find_end(const char *text)
{
    size_t depth = 0;

    while (text != NULL && *text != '\0')
    {
        if (depth == 0 && strchr(",)]", *text) != NULL)
            return text;
        if (*text == '(' || *text == '[')
            depth++;
        else if (*text == ')' || *text == ']')
            depth--;
        text = sql_expression_skip_piece(text);
    }
    return text;
}

/* What a piece is that does not end. */
static const char *
name_unterminated(const char *piece)
{
    if (*piece == '"')
        return "unterminated double quote";
    return *piece == '/' ? "unterminated comment" : "unterminated string";
}

/* The first parenthesis or bracket that the expression at text leaves open, or NULL. */
static const char *
find_open(const char *text, char opening, char closing)
{
    const char *place = NULL;
    size_t depth = 0;

    for (; *text != '\0'; text = sql_expression_skip_piece(text))
    {
        if (*text == opening && depth++ == 0)
            place = text;
        else if (*text == closing)
            depth--;
    }
    return depth > 0 ? place : NULL;
}

const char *
sql_expression_find_problem(const char *text, const char **place)
{
    size_t n_parentheses = 0;
    size_t n_brackets = 0;
    const char *end;

    for (*place = text; **place != '\0'; *place = end)
    {
        end = sql_expression_skip_piece(*place);
        if (end == NULL)
            return name_unterminated(*place);
        if (**place == ')' && n_parentheses-- == 0)
            return "closing parenthesis too many";
        if (**place == ']' && n_brackets-- == 0)
            return "closing bracket too many";
        n_parentheses += **place == '(';
        n_brackets += **place == '[';
    }
    *place = find_open(text, '(', ')');
    if (*place != NULL)
        return "unclosed parenthesis";
    *place = find_open(text, '[', ']');
    return *place != NULL ? "unclosed bracket" : NULL;
}
