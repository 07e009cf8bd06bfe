/*
 * Small steps over the text of rules: names, numbers of rows, and what messages show.
 *
 * Pure: no server, no output.
 */
#include "model/rule_reader.h"

#include <string.h>

#include "base/sqltext.h"

enum
{
    MAX_SHOWN = 60 /* bytes */
};

char *
rule_text_copy(Arena *arena, const char *text, size_t length)
{
    char *copy;

    while (length > 0 && sqltext_is_blank(text[0]))
    {
        text++;
        length--;
    }
    while (length > 0 && sqltext_is_blank(text[length - 1]))
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
    /* Do not split a UTF-8 character. */
    for (length = MAX_SHOWN; length > 0 && (text[length] & 0xc0) == 0x80;)
        length--;
    return length;
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
    for (digits = text; sqltext_is_digit(*text);)
        text++;
    if (text[0] == '.' && sqltext_is_digit(text[1]))
    {
        for (text++; sqltext_is_digit(*text);)
            text++;
    }
    if (text == digits)
        return NULL;
    percent = sqltext_skip_blanks(text);
    return *percent == '%' ? percent + 1 : text;
}

static const char *
read_plain_name(const char *text, char *out)
{
    for (; sqltext_is_name(*text, false); text++)
        *out++ = sqltext_fold(*text);
    return text;
}

const char *
rule_text_read_name(Arena *arena, const char *text, const char **name)
{
    char *out;
    const char *end;

    if (*text != '"' && !sqltext_is_name(*text, true))
        return NULL;
    out = arena_alloc(arena, strlen(text) + 1);
    end = *text == '"' ? sqltext_read_quoted(text, out) : read_plain_name(text, out);
    if (end == NULL || *out == '\0')
        return NULL;
    *name = out;
    return end;
}
