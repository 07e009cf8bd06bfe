#include "model/rule_text.h"

#include <string.h>

#include "base/arena.h"

enum
{
    MAX_SHOWN = 60 /* bytes */
};

bool
rule_text_is_blank(char c)
{
    return c != '\0' && strchr(" \t\n\r\f\v", c) != NULL;
}

bool
rule_text_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool
rule_text_is_name(char c, bool is_first)
{
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c & 0x80) != 0)
        return true;
    return !is_first && (rule_text_is_digit(c) || c == '$');
}

const char *
rule_text_skip_blanks(const char *text)
{
    while (rule_text_is_blank(*text))
        text++;
    return text;
}

char *
rule_text_copy(Arena *arena, const char *text, size_t length)
{
    char *copy;

    while (length > 0 && rule_text_is_blank(text[0]))
    {
        text++;
        length--;
    }
    while (length > 0 && rule_text_is_blank(text[length - 1]))
        length--;
    copy = arena_alloc(arena, length + 1);
    return memcpy(copy, text, length);
}

size_t
rule_text_cut(const char *text, const char **dots)
{
    size_t length = strlen(text);

    *dots = "";
    if (length <= MAX_SHOWN)
        return length;
    *dots = "...";
    /* Do not cut a UTF-8 character into two. */
    for (length = MAX_SHOWN; length > 0 && (text[length] & 0xc0) == 0x80;)
        length--;
    return length;
}

const char *
rule_text_find(const char *text, const char *wanted, bool *is_quote_open)
{
    bool is_quoted = false;

    for (; *text != '\0' && (is_quoted || strchr(wanted, *text) == NULL); text++)
        is_quoted ^= *text == '"';
    if (is_quote_open != NULL)
        *is_quote_open = is_quoted;
    return *text != '\0' ? text : NULL;
}

const char *
rule_text_skip_rows(const char *text)
{
    const char *digits;
    const char *percent;

    if (*text == '*')
        return text + 1;
    if (*text == '-' || *text == '+')
        text++;
    for (digits = text; rule_text_is_digit(*text);)
        text++;
    if (text[0] == '.' && rule_text_is_digit(text[1]))
    {
        for (text++; rule_text_is_digit(*text);)
            text++;
    }
    if (text == digits)
        return NULL;
    percent = rule_text_skip_blanks(text);
    return *percent == '%' ? percent + 1 : text;
}

/* Behind the quote at text; the name goes to out. NULL if no quote ends it. */
static const char *
read_quoted_name(const char *text, char *out)
{
    for (text++; *text != '\0'; text++)
    {
        if (text[0] == '"' && text[1] != '"')
            return text + 1;
        if (text[0] == '"')
            text++;
        *out++ = *text;
    }
    return NULL;
}

static const char *
read_plain_name(const char *text, char *out)
{
    for (; rule_text_is_name(*text, false); text++)
        *out++ = *text >= 'A' && *text <= 'Z' ? (char)(*text - 'A' + 'a') : *text;
    return text;
}

const char *
rule_text_read_name(Arena *arena, const char *text, const char **name)
{
    char *out;
    const char *end;

    if (*text != '"' && !rule_text_is_name(*text, true))
        return NULL;
    out = arena_alloc(arena, strlen(text) + 1);
    end = *text == '"' ? read_quoted_name(text, out) : read_plain_name(text, out);
    if (end == NULL || *out == '\0')
        return NULL;
    *name = out;
    return end;
}
