#include "base/display.h"

#include <langinfo.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>

#include "base/mem.h"
#include "base/strbuf.h"

/* ---- which bytes are control characters */

typedef struct Character
{
    size_t length; /* in bytes */
    bool is_control;
    unsigned code; /* of Unicode; above 0xFF only "something else" */
    bool is_valid; /* as UTF-8 */
} Character;

static bool
is_continuation(char c)
{
    return ((unsigned char)c & 0xC0) == 0x80;
}

/* The bytes of a well-formed UTF-8 character of several bytes, or 0. */
static size_t
measure_utf8(const unsigned char *c)
{
    size_t length = c[0] >= 0xF0 ? 4 : c[0] >= 0xE0 ? 3 : 2;

    if (c[0] < 0xC2 || c[0] > 0xF4)
        return 0;
    for (size_t i = 1; i < length; i++)
    {
        if (!is_continuation((char)c[i]))
            return 0;
    }
    if ((c[0] == 0xE0 && c[1] < 0xA0) || (c[0] == 0xED && c[1] > 0x9F) ||
        (c[0] == 0xF0 && c[1] < 0x90) || (c[0] == 0xF4 && c[1] > 0x8F))
        return 0;
    return length;
}

static Character
read_utf8(const char *text)
{
    const unsigned char *c = (const unsigned char *)text;
    size_t length = measure_utf8(c);
    Character character = {.length = 1, .code = c[0]};

    if (length > 0)
    {
        character.length = length;
        character.is_valid = true;
        character.code = length == 2 ? (unsigned)(c[0] & 0x1F) << 6 | (c[1] & 0x3F) : 256;
    }
    character.is_control = character.code >= 0x80 && character.code < 0xA0;
    return character;
}

/* In the locale's own encoding, as its terminal reads it. */
static Character
read_local(const char *text)
{
    Character character = {.length = 1, .code = (unsigned char)*text};
    mbstate_t state = {0};
    wchar_t wide;
    size_t length = mbrtowc(&wide, text, strnlen(text, MB_CUR_MAX), &state);

    if (length == (size_t)-1 || length == (size_t)-2 || length == 0)
    {
        character.is_control = character.code < 0xA0;
        return character;
    }
    character.length = length;
    character.is_control = iswcntrl((wint_t)wide) != 0;
    return character;
}

static bool
is_local_encoding(void)
{
    const char *codeset = nl_langinfo(CODESET);

    /* what is in the locale C is unknown, and UTF-8 in these times */
    return strcmp(codeset, "UTF-8") != 0 && strcmp(codeset, "ANSI_X3.4-1968") != 0;
}

static Character
read_character(const char *text, bool is_local)
{
    unsigned char c = (unsigned char)*text;

    if (c < 0x80)
        return (Character){.length = 1,
                           .code = c,
                           .is_control = (c < 0x20 && c != '\t') || c == 0x7F,
                           .is_valid = true};
    return is_local ? read_local(text) : read_utf8(text);
}

/* ---- escaping */

static void
append_control(PQExpBuffer out, const char *text, Character character)
{
    if (*text == '\n')
        appendPQExpBufferStr(out, "\\n");
    else if (*text == '\r')
        appendPQExpBufferStr(out, "\\r");
    else if (character.is_valid && character.length > 1)
        appendPQExpBuffer(out, "\\u%04X", character.code);
    else
    {
        for (size_t i = 0; i < character.length; i++)
            appendPQExpBuffer(out, "\\x%02X", (unsigned char)text[i]);
    }
}

static void
append_escaped(PQExpBuffer out, const char *text, const char *indentation)
{
    bool is_local = is_local_encoding();

    while (*text != '\0')
    {
        Character character = read_character(text, is_local);

        if (*text == '\n' && indentation != NULL)
            appendPQExpBuffer(out, "\n%s", indentation);
        else if (character.is_control)
            append_control(out, text, character);
        else
            appendBinaryPQExpBuffer(out, text, character.length);
        text += character.length;
    }
}

char *
display_escape(const char *text, const char *indentation)
{
    PQExpBufferData out;

    initPQExpBuffer(&out);
    append_escaped(&out, text, indentation);
    return out.data;
}

/* ---- printing */

typedef struct Conversion
{
    char text[40]; /* "%-10s"; whole numbers are printed as long long */
    int n_stars;   /* of widths and precisions that are arguments */
    int stars[2];
    char length;     /* l, L (ll), j, z or 0 */
    char conversion; /* d, i, u, f, c, s or % */
} Conversion;

static const char *
read_conversion(const char *format, Conversion *conversion)
{
    size_t n = 1 + strspn(format + 1, "-+ #0123456789.*");
    size_t n_length = strspn(format + n, "ljz");

    *conversion = (Conversion){.conversion = format[n + n_length]};
    if (n_length > 0)
        conversion->length = n_length == 2 ? 'L' : format[n];
    for (size_t i = 1; i < n; i++)
        conversion->n_stars += format[i] == '*' ? 1 : 0;
    snprintf(conversion->text, sizeof(conversion->text), "%.*s%s%c", n < 32 ? (int)n : 32,
             format, strchr("diu", conversion->conversion) != NULL ? "ll" : "",
             conversion->conversion);
    return format + n + n_length + 1;
}

/* Unsigned numbers come as what they are modulo 2^64. */
static long long
read_number_argument(const Conversion *conversion, va_list *args)
{
    bool is_unsigned = conversion->conversion == 'u';

    switch (conversion->length)
    {
        case 'l':
            return va_arg(*args, long);
        case 'L':
            return va_arg(*args, long long);
        case 'j':
            return va_arg(*args, intmax_t);
        case 'z':
            return (long long)va_arg(*args, size_t);
        default:
            return is_unsigned ? (long long)va_arg(*args, unsigned) : va_arg(*args, int);
    }
}

/* Prints one value; it comes after the stars. */
#define APPEND(value)                                                                    \
    (conversion->n_stars == 0 ? appendPQExpBuffer(out, conversion->text, (value))        \
     : conversion->n_stars == 1                                                          \
         ? appendPQExpBuffer(out, conversion->text, conversion->stars[0], (value))       \
         : appendPQExpBuffer(out, conversion->text, conversion->stars[0],                \
                             conversion->stars[1], (value)))

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"

static void
append_escaped_argument(PQExpBuffer out, const Conversion *conversion, const char *text)
{
    char *escaped = display_escape(text, NULL);

    APPEND(escaped);
    free(escaped);
}

/* The format attribute of display() has checked that types and formats fit. */
static void
append_converted(PQExpBuffer out, Conversion *conversion, va_list *args)
{
    for (int i = 0; i < conversion->n_stars && i < 2; i++)
        conversion->stars[i] = va_arg(*args, int);
    switch (conversion->conversion)
    {
        case '%':
            appendPQExpBufferChar(out, '%');
            break;
        case 'c':
            APPEND(va_arg(*args, int));
            break;
        case 's':
            append_escaped_argument(out, conversion, va_arg(*args, const char *));
            break;
        case 'f':
            APPEND(va_arg(*args, double));
            break;
        case 'd':
        case 'i':
        case 'u':
            APPEND(read_number_argument(conversion, args));
            break;
        default:
            abort();
    }
}

#pragma GCC diagnostic pop

void
display(FILE *out, const char *format, ...)
{
    PQExpBufferData text;
    Conversion conversion;
    va_list args;

    initPQExpBuffer(&text);
    va_start(args, format);
    while (*format != '\0')
    {
        size_t length = strcspn(format, "%");

        appendBinaryPQExpBuffer(&text, format, length);
        format += length;
        if (*format == '\0')
            break;
        format = read_conversion(format, &conversion);
        append_converted(&text, &conversion, &args);
    }
    va_end(args);
    fwrite(text.data, 1, text.len, out);
    termPQExpBuffer(&text);
}

void
display_foreign(FILE *out, const char *program, const char *text, size_t length)
{
    const char *end = text + length;
    size_t n_program = strlen(program);

    while (text < end)
    {
        const char *newline = memchr(text, '\n', (size_t)(end - text));
        char *line =
            mem_format("%.*s", (int)((newline != NULL ? newline : end) - text), text);

        display(out, "%s%s\n", strncmp(line, program, n_program) == 0 ? "" : "    ",
                line);
        free(line);
        text = newline != NULL ? newline + 1 : end;
    }
}

/* ---- JSON */

void
display_json_string(FILE *out, const char *text)
{
    fputc('"', out);
    while (*text != '\0')
    {
        Character character = read_character(text, false);

        if (*text == '"' || *text == '\\')
            fprintf(out, "\\%c", *text);
        else if (!character.is_valid)
            fprintf(out, "\\\\x%02X", character.code);
        else if (character.is_control || *text == '\t')
            fprintf(out, "\\u%04x", character.code);
        else
            fwrite(text, 1, character.length, out);
        text += character.length;
    }
    fputc('"', out);
}

char *
display_escape_json(const char *json)
{
    PQExpBufferData out;

    initPQExpBuffer(&out);
    while (*json != '\0')
    {
        Character character = read_character(json, false);

        if (character.is_control && *json != '\n')
            appendPQExpBuffer(&out, "\\u%04x", character.code);
        else
            appendBinaryPQExpBuffer(&out, json, character.length);
        json += character.length;
    }
    return out.data;
}
