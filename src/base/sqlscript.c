#include "base/sqlscript.h"

#include <string.h>
#include <strings.h>

#include "base/sqltext.h"

enum
{
    MOST_TEXT = 1024 * 1024, /* a COPY of 1600 columns has less */
    MOST_WORD = 16,
    MOST_LEADING_WORDS = 4 /* CREATE OR REPLACE FUNCTION */
};

void
sqlscript_init(SqlScript *script)
{
    *script = (SqlScript){.state = SQLSCRIPT_PLAIN};
    initPQExpBuffer(&script->text);
    initPQExpBuffer(&script->word);
    initPQExpBuffer(&script->tag);
}

void
sqlscript_free(SqlScript *script)
{
    termPQExpBuffer(&script->text);
    termPQExpBuffer(&script->word);
    termPQExpBuffer(&script->tag);
}

bool
sqlscript_is_between(const SqlScript *script)
{
    return !script->is_in_statement &&
           (script->state == SQLSCRIPT_PLAIN || script->state == SQLSCRIPT_LINE_COMMENT);
}

/* ---- texts and words */

static void
keep_text(SqlScript *script, const char *text, size_t length)
{
    if (script->text.len < MOST_TEXT)
        appendBinaryPQExpBuffer(&script->text, text, length);
}

static bool
is_word_char(char c)
{
    return c != '$' && sqltext_is_name(c, false);
}

static bool
is_word(const SqlScript *script, const char *word)
{
    return strcasecmp(script->word.data, word) == 0;
}

/* Bodies in SQL have statements of their own: CREATE FUNCTION x BEGIN ATOMIC ... END. */
static void
end_word(SqlScript *script)
{
    if (script->word.len == 0)
        return;
    script->n_words++;
    if (script->n_words == 1 && !is_word(script, "create"))
        script->n_words = MOST_LEADING_WORDS;
    if (script->n_words <= MOST_LEADING_WORDS &&
        (is_word(script, "function") || is_word(script, "procedure")))
        script->is_routine = true;
    if (script->is_routine)
    {
        if (is_word(script, "begin") || (script->n_begins > 0 && is_word(script, "case")))
            script->n_begins++;
        else if (script->n_begins > 0 && is_word(script, "end"))
            script->n_begins--;
    }
    resetPQExpBuffer(&script->word);
}

static void
begin_event(SqlScript *script)
{
    if (!script->has_event)
        return;
    script->has_event = false;
    resetPQExpBuffer(&script->text);
}

static SqlScriptEvent
end_event(SqlScript *script, SqlScriptEvent event)
{
    script->state = SQLSCRIPT_PLAIN;
    script->has_event = true;
    if (event == SQLSCRIPT_STATEMENT)
    {
        script->is_in_statement = false;
        script->is_routine = false;
        script->n_words = 0;
        script->n_parentheses = 0;
    }
    return event;
}

/* ---- what is not plain; each reads up to its end or that of the line */

static void
read_quoted(SqlScript *script, const char **next, const char *end, char quote)
{
    const char *c = *next;

    for (; c < end && script->state != SQLSCRIPT_PLAIN; c++)
    {
        bool has_two = c + 1 < end;

        if (has_two &&
            ((*c == '\\' && script->is_escaped) || (*c == quote && c[1] == quote)))
            c++;
        else if (*c == quote)
            script->state = SQLSCRIPT_PLAIN;
    }
    keep_text(script, *next, (size_t)(c - *next));
    *next = c;
}

static void
read_dollar(SqlScript *script, const char **next, const char *end)
{
    const char *found =
        memmem(*next, (size_t)(end - *next), script->tag.data, script->tag.len);
    const char *stop = found != NULL ? found + script->tag.len : end;

    keep_text(script, *next, (size_t)(stop - *next));
    *next = stop;
    if (found != NULL)
        script->state = SQLSCRIPT_PLAIN;
}

static void
read_block_comment(SqlScript *script, const char **next, const char *end)
{
    for (; *next < end && script->n_comments > 0; (*next)++)
    {
        if (end - *next < 2)
            continue;
        if (memcmp(*next, "/*", 2) == 0)
            script->n_comments++;
        else if (memcmp(*next, "*/", 2) == 0)
            script->n_comments--;
        else
            continue;
        (*next)++;
    }
    if (script->n_comments == 0)
        script->state = SQLSCRIPT_PLAIN;
}

/* A comment or command goes to the end of the line. */
static SqlScriptEvent
read_to_line_end(SqlScript *script, const char **next, const char *end)
{
    bool is_command = script->state == SQLSCRIPT_COMMAND;
    const char *stop = end > *next && end[-1] == '\n' ? end - 1 : end;

    if (script->is_in_statement)
    {
        *next = stop;
        script->state = SQLSCRIPT_PLAIN;
        return SQLSCRIPT_MORE;
    }
    keep_text(script, *next, (size_t)(stop - *next));
    *next = end;
    return end_event(script, is_command ? SQLSCRIPT_PSQL_COMMAND : SQLSCRIPT_COMMENT);
}

/* ---- plain text */

/* Begins what is not plain, if there is something; returns its length so far. */
static size_t
begin_other(SqlScript *script, const char *text, const char *end)
{
    bool has_two = end - text >= 2;
    size_t tag_length;

    if (has_two && memcmp(text, "--", 2) == 0)
    {
        script->state = SQLSCRIPT_LINE_COMMENT;
        return 0;
    }
    if (has_two && memcmp(text, "/*", 2) == 0)
    {
        script->state = SQLSCRIPT_BLOCK_COMMENT;
        script->n_comments = 1;
        return 2;
    }
    if (*text == '\\' && !script->is_in_statement)
    {
        script->state = SQLSCRIPT_COMMAND;
        return 0;
    }
    if (*text == '\'' || *text == '"')
    {
        script->is_escaped =
            *text == '\'' && (script->has_backslashes || is_word(script, "e"));
        script->state = *text == '"' ? SQLSCRIPT_NAME : SQLSCRIPT_STRING;
        return 1;
    }
    tag_length =
        *text == '$' && script->word.len == 0 ? sqltext_measure_tag(text, end) : 0;
    if (tag_length == 0)
        return 0;
    resetPQExpBuffer(&script->tag);
    appendBinaryPQExpBuffer(&script->tag, text, tag_length);
    script->state = SQLSCRIPT_DOLLAR;
    return tag_length;
}

/* One character; true at the semicolon that ends the statement. */
static bool
read_char(SqlScript *script, char c)
{
    if (is_word_char(c) || (c == '$' && script->word.len > 0))
    {
        if (script->word.len < MOST_WORD)
            appendPQExpBufferChar(&script->word, c);
    }
    else
        end_word(script);
    if (c == '(')
        script->n_parentheses++;
    else if (c == ')' && script->n_parentheses > 0)
        script->n_parentheses--;
    if (c == ';' && script->n_parentheses == 0 && script->n_begins == 0)
        return true;
    if (memchr(" \t\r\n", c, 4) == NULL)
        script->is_in_statement = true;
    if (script->is_in_statement)
        keep_text(script, &c, 1);
    return false;
}

static SqlScriptEvent
read_plain_text(SqlScript *script, const char **next, const char *end)
{
    while (*next < end)
    {
        size_t length = begin_other(script, *next, end);

        if (script->state != SQLSCRIPT_PLAIN)
        {
            end_word(script);
            if (script->state == SQLSCRIPT_STRING || script->state == SQLSCRIPT_NAME ||
                script->state == SQLSCRIPT_DOLLAR)
            {
                script->is_in_statement = true;
                keep_text(script, *next, length);
            }
            *next += length;
            return SQLSCRIPT_MORE;
        }
        if (read_char(script, *(*next)++))
            return end_event(script, SQLSCRIPT_STATEMENT);
    }
    return SQLSCRIPT_MORE;
}

SqlScriptEvent
sqlscript_next(SqlScript *script, const char **next, const char *end)
{
    SqlScriptEvent event = SQLSCRIPT_MORE;

    begin_event(script);
    while (*next < end && event == SQLSCRIPT_MORE)
    {
        switch (script->state)
        {
            case SQLSCRIPT_PLAIN:
                event = read_plain_text(script, next, end);
                break;
            case SQLSCRIPT_STRING:
                read_quoted(script, next, end, '\'');
                break;
            case SQLSCRIPT_NAME:
                read_quoted(script, next, end, '"');
                break;
            case SQLSCRIPT_DOLLAR:
                read_dollar(script, next, end);
                break;
            case SQLSCRIPT_BLOCK_COMMENT:
                read_block_comment(script, next, end);
                break;
            case SQLSCRIPT_LINE_COMMENT:
            case SQLSCRIPT_COMMAND:
                event = read_to_line_end(script, next, end);
                break;
        }
    }
    return event;
}
