#include "base/sqltext.h"

#include <string.h>

bool
sqltext_is_blank(char c)
{
    return c != '\0' && strchr(" \t\n\r\f\v", c) != NULL;
}

bool
sqltext_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool
sqltext_is_name(char c, bool is_first)
{
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c & 0x80) != 0)
        return true;
    return !is_first && (sqltext_is_digit(c) || c == '$');
}

char
sqltext_fold(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

const char *
sqltext_skip_blanks(const char *text)
{
    while (sqltext_is_blank(*text))
        text++;
    return text;
}

const char *
sqltext_find(const char *text, const char *wanted, bool *is_quote_open)
{
    bool is_quoted = false;

    for (; *text != '\0' && (is_quoted || strchr(wanted, *text) == NULL); text++)
        is_quoted ^= *text == '"';
    if (is_quote_open != NULL)
        *is_quote_open = is_quoted;
    return *text != '\0' ? text : NULL;
}

const char *
sqltext_skip_quoted(const char *text, bool has_escapes)
{
    char quote = *text;

    for (text++; *text != '\0'; text++)
    {
        bool is_pair =
            (has_escapes && *text == '\\') || (*text == quote && text[1] == quote);

        if (is_pair && *++text == '\0')
            return NULL;
        if (!is_pair && *text == quote)
            return text + 1;
    }
    return NULL;
}

const char *
sqltext_read_quoted(const char *text, char *out)
{
    const char *end = sqltext_skip_quoted(text, false);
    char quote = *text;

    if (end == NULL)
        return NULL;
    for (text++; text < end - 1; text++)
    {
        text += *text == quote;
        *out++ = *text;
    }
    *out = '\0';
    return end;
}

size_t
sqltext_measure_tag(const char *text, const char *end)
{
    const char *c = text + 1;

    if (c < end && sqltext_is_digit(*c))
        return 0;
    while (c < end && *c != '$' && sqltext_is_name(*c, false))
        c++;
    return c < end && *c == '$' ? (size_t)(c - text) + 1 : 0;
}

void
sqltext_append_quoted(PQExpBuffer out, const char *name, size_t length)
{
    appendPQExpBufferChar(out, '"');
    for (size_t i = 0; i < length; i++)
    {
        if (name[i] == '"')
            appendPQExpBufferChar(out, '"');
        appendPQExpBufferChar(out, name[i]);
    }
    appendPQExpBufferChar(out, '"');
}
