#include "base/sqlscript.h"

#include <string.h>
#include <strings.h>

enum
{
    MOST_TEXT = 1024 * 1024, /* a COPY of 1600 columns has less */
    MOST_WORD = 16,
    MOST_LEADING_WORDS = 4 /* CREATE OR REPLACE FUNCTION */
};

void
sqlscan_init(SqlScanner *scanner)
{
    *scanner = (SqlScanner){.state = SQL_PLAIN};
    initPQExpBuffer(&scanner->text);
    initPQExpBuffer(&scanner->word);
    initPQExpBuffer(&scanner->tag);
}

void
sqlscan_free(SqlScanner *scanner)
{
    termPQExpBuffer(&scanner->text);
    termPQExpBuffer(&scanner->word);
    termPQExpBuffer(&scanner->tag);
}

bool
sqlscan_is_between(const SqlScanner *scanner)
{
    return !scanner->is_in_statement &&
           (scanner->state == SQL_PLAIN || scanner->state == SQL_LINE_COMMENT);
}

/* ---- texts and words */

static void
keep(SqlScanner *scanner, const char *text, size_t length)
{
    if (scanner->text.len < MOST_TEXT)
        appendBinaryPQExpBuffer(&scanner->text, text, length);
}

static bool
is_word_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           c == '_' || (c & 0x80) != 0;
}

static bool
is_word(const SqlScanner *scanner, const char *word)
{
    return strcasecmp(scanner->word.data, word) == 0;
}

/* Bodies in SQL have statements of their own: CREATE FUNCTION x BEGIN ATOMIC ... END. */
static void
end_word(SqlScanner *scanner)
{
    if (scanner->word.len == 0)
        return;
    scanner->n_words++;
    if (scanner->n_words == 1 && !is_word(scanner, "create"))
        scanner->n_words = MOST_LEADING_WORDS;
    if (scanner->n_words <= MOST_LEADING_WORDS &&
        (is_word(scanner, "function") || is_word(scanner, "procedure")))
        scanner->is_routine = true;
    if (scanner->is_routine)
    {
        if (is_word(scanner, "begin") ||
            (scanner->n_begins > 0 && is_word(scanner, "case")))
            scanner->n_begins++;
        else if (scanner->n_begins > 0 && is_word(scanner, "end"))
            scanner->n_begins--;
    }
    resetPQExpBuffer(&scanner->word);
}

static void
begin_event(SqlScanner *scanner)
{
    if (!scanner->has_event)
        return;
    scanner->has_event = false;
    resetPQExpBuffer(&scanner->text);
}

static SqlEvent
end_event(SqlScanner *scanner, SqlEvent event)
{
    scanner->state = SQL_PLAIN;
    scanner->has_event = true;
    if (event == SQL_STATEMENT)
    {
        scanner->is_in_statement = false;
        scanner->is_routine = false;
        scanner->n_words = 0;
        scanner->n_parentheses = 0;
    }
    return event;
}

/* ---- what is not plain; each reads up to its end or that of the line */

static void
read_quoted(SqlScanner *scanner, const char **next, const char *end, char quote)
{
    const char *c = *next;

    for (; c < end && scanner->state != SQL_PLAIN; c++)
    {
        bool has_two = c + 1 < end;

        if (has_two &&
            ((*c == '\\' && scanner->is_escaped) || (*c == quote && c[1] == quote)))
            c++;
        else if (*c == quote)
            scanner->state = SQL_PLAIN;
    }
    keep(scanner, *next, (size_t)(c - *next));
    *next = c;
}

static void
read_dollar(SqlScanner *scanner, const char **next, const char *end)
{
    const char *found =
        memmem(*next, (size_t)(end - *next), scanner->tag.data, scanner->tag.len);
    const char *stop = found != NULL ? found + scanner->tag.len : end;

    keep(scanner, *next, (size_t)(stop - *next));
    *next = stop;
    if (found != NULL)
        scanner->state = SQL_PLAIN;
}

static void
read_block_comment(SqlScanner *scanner, const char **next, const char *end)
{
    for (; *next < end && scanner->n_comments > 0; (*next)++)
    {
        if (end - *next < 2)
            continue;
        if (memcmp(*next, "/*", 2) == 0)
            scanner->n_comments++;
        else if (memcmp(*next, "*/", 2) == 0)
            scanner->n_comments--;
        else
            continue;
        (*next)++;
    }
    if (scanner->n_comments == 0)
        scanner->state = SQL_PLAIN;
}

/* A comment or command goes to the end of the line. */
static SqlEvent
read_to_line_end(SqlScanner *scanner, const char **next, const char *end)
{
    bool is_command = scanner->state == SQL_COMMAND;
    const char *stop = end > *next && end[-1] == '\n' ? end - 1 : end;

    if (scanner->is_in_statement)
    {
        *next = stop;
        scanner->state = SQL_PLAIN;
        return SQL_MORE;
    }
    keep(scanner, *next, (size_t)(stop - *next));
    *next = end;
    return end_event(scanner, is_command ? SQL_PSQL_COMMAND : SQL_COMMENT);
}

/* ---- plain text */

/* The length of a dollar quote's beginning, or 0. */
static size_t
find_tag(const char *text, const char *end)
{
    const char *c = text + 1;

    if (c < end && *c >= '0' && *c <= '9')
        return 0;
    while (c < end && is_word_char(*c))
        c++;
    return c < end && *c == '$' ? (size_t)(c - text) + 1 : 0;
}

/* Begins what is not plain, if there is something; returns its length so far. */
static size_t
begin_other(SqlScanner *scanner, const char *text, const char *end)
{
    bool has_two = end - text >= 2;
    size_t tag_length;

    if (has_two && memcmp(text, "--", 2) == 0)
    {
        scanner->state = SQL_LINE_COMMENT;
        return 0;
    }
    if (has_two && memcmp(text, "/*", 2) == 0)
    {
        scanner->state = SQL_BLOCK_COMMENT;
        scanner->n_comments = 1;
        return 2;
    }
    if (*text == '\\' && !scanner->is_in_statement)
    {
        scanner->state = SQL_COMMAND;
        return 0;
    }
    if (*text == '\'' || *text == '"')
    {
        scanner->is_escaped =
            *text == '\'' && (scanner->has_backslashes || is_word(scanner, "e"));
        scanner->state = *text == '"' ? SQL_NAME : SQL_STRING;
        return 1;
    }
    tag_length = *text == '$' && scanner->word.len == 0 ? find_tag(text, end) : 0;
    if (tag_length == 0)
        return 0;
    resetPQExpBuffer(&scanner->tag);
    appendBinaryPQExpBuffer(&scanner->tag, text, tag_length);
    scanner->state = SQL_DOLLAR;
    return tag_length;
}

/* One character; true at the semicolon that ends the statement. */
static bool
read_char(SqlScanner *scanner, char c)
{
    if (is_word_char(c) || (c == '$' && scanner->word.len > 0))
    {
        if (scanner->word.len < MOST_WORD)
            appendPQExpBufferChar(&scanner->word, c);
    }
    else
        end_word(scanner);
    if (c == '(')
        scanner->n_parentheses++;
    else if (c == ')' && scanner->n_parentheses > 0)
        scanner->n_parentheses--;
    if (c == ';' && scanner->n_parentheses == 0 && scanner->n_begins == 0)
        return true;
    if (memchr(" \t\r\n", c, 4) == NULL)
        scanner->is_in_statement = true;
    if (scanner->is_in_statement)
        keep(scanner, &c, 1);
    return false;
}

static SqlEvent
read_plain(SqlScanner *scanner, const char **next, const char *end)
{
    while (*next < end)
    {
        size_t length = begin_other(scanner, *next, end);

        if (scanner->state != SQL_PLAIN)
        {
            end_word(scanner);
            if (scanner->state == SQL_STRING || scanner->state == SQL_NAME ||
                scanner->state == SQL_DOLLAR)
            {
                scanner->is_in_statement = true;
                keep(scanner, *next, length);
            }
            *next += length;
            return SQL_MORE;
        }
        if (read_char(scanner, *(*next)++))
            return end_event(scanner, SQL_STATEMENT);
    }
    return SQL_MORE;
}

SqlEvent
sqlscan_next(SqlScanner *scanner, const char **next, const char *end)
{
    SqlEvent event = SQL_MORE;

    begin_event(scanner);
    while (*next < end && event == SQL_MORE)
    {
        switch (scanner->state)
        {
            case SQL_PLAIN:
                event = read_plain(scanner, next, end);
                break;
            case SQL_STRING:
                read_quoted(scanner, next, end, '\'');
                break;
            case SQL_NAME:
                read_quoted(scanner, next, end, '"');
                break;
            case SQL_DOLLAR:
                read_dollar(scanner, next, end);
                break;
            case SQL_BLOCK_COMMENT:
                read_block_comment(scanner, next, end);
                break;
            case SQL_LINE_COMMENT:
            case SQL_COMMAND:
                event = read_to_line_end(scanner, next, end);
                break;
        }
    }
    return event;
}
