#include "base/copytext.h"

#include <endian.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

/* The layers that a value goes through on its way into a buffer. */
enum
{
    LAYER_UNESCAPE = 1 << 0, /* it is in COPY's text format */
    LAYER_ELEMENT = 1 << 1,  /* it goes into a double-quoted array element */
    LAYER_LITERAL = 1 << 2   /* it goes into an SQL string literal */
};

/* What is left of a value. */
typedef struct ValueReader
{
    const char *next;
    const char *end;
    const CopyEncoding *encoding;
} ValueReader;

bool
copytext_is_ascii(const char *text)
{
    while (*text != '\0' && (unsigned char)*text < 0x80)
        text++;
    return *text == '\0';
}

bool
copytext_needs_char_length(const char *encoding_name)
{
    static const char *const names[] = {"SJIS", "SHIFT_JIS_2004", "BIG5",
                                        "GBK",  "GB18030",        "UHC",
                                        "JOHAB"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
    {
        if (strcasecmp(encoding_name, names[i]) == 0)
            return true;
    }
    return false;
}

CopyLine
copytext_line(const char *text, size_t length)
{
    if (length > 0 && text[length - 1] == '\n')
        length--;
    return (CopyLine){.rest = text, .length = length};
}

bool
copytext_next_field(CopyLine *line, CopyField *field)
{
    const char *tab;

    if (line->rest == NULL)
        return false;
    tab = line->length > 0 ? memchr(line->rest, '\t', line->length) : NULL;
    field->text = line->rest;
    field->length = tab != NULL ? (size_t)(tab - line->rest) : line->length;
    field->is_null = field->length == 2 && memcmp(field->text, "\\N", 2) == 0;
    if (tab != NULL)
    {
        line->length -= field->length + 1;
        line->rest = tab + 1;
    }
    else
    {
        *line = (CopyLine){0};
    }
    return true;
}

/* ---- a whole line, eight bytes at a time */

/* Repeated in each byte. */
#define EACH_BYTE(byte) (UINT64_C(0x0101010101010101) * (byte))

/* The first byte is the lowest; those behind the end are zeros. */
static inline uint64_t
load_eight(const char *text, size_t left)
{
    uint64_t bytes = 0;

    if (left >= sizeof(bytes))
        memcpy(&bytes, text, sizeof(bytes));
    else
        memcpy(&bytes, text, left);
    return le64toh(bytes);
}

/* The highest bit of each byte that is c. */
static inline uint64_t
mark_byte(uint64_t bytes, unsigned char c)
{
    uint64_t others = bytes ^ EACH_BYTE(c);

    return ~(((others & EACH_BYTE(0x7f)) + EACH_BYTE(0x7f)) | others | EACH_BYTE(0x7f));
}

static inline CopyField
make_field(const char *text, size_t length, bool has_escapes)
{
    return (CopyField){.text = text,
                       .length = length,
                       .is_null = length == 2 && text[0] == '\\' && text[1] == 'N',
                       .has_escapes = has_escapes};
}

size_t
copytext_split(const char *text, size_t length, CopyField *fields, size_t n)
{
    size_t n_found = 0;
    size_t start = 0;
    bool has_escapes = false;

    for (size_t at = 0; at < length; at += sizeof(uint64_t))
    {
        uint64_t bytes = load_eight(text + at, length - at);
        uint64_t tabs = mark_byte(bytes, '\t');
        uint64_t backslashes = mark_byte(bytes, '\\');

        for (; tabs != 0; tabs &= tabs - 1)
        {
            uint64_t before = (tabs & -tabs) - 1;
            size_t end = at + (size_t)__builtin_ctzll(tabs) / 8;

            has_escapes = has_escapes || (backslashes & before) != 0;
            if (n_found++ < n)
                fields[n_found - 1] = make_field(text + start, end - start, has_escapes);
            backslashes &= ~before;
            start = end + 1;
            has_escapes = false;
        }
        has_escapes = has_escapes || backslashes != 0;
    }
    if (n_found++ < n)
        fields[n_found - 1] = make_field(text + start, length - start, has_escapes);
    return n_found;
}

/* ---- values */

static bool
is_special(char c)
{
    return c == '\\' || c == '"' || c == '\'';
}

/* Moves over one character, which may have several bytes. */
static void
skip_char(ValueReader *reader)
{
    size_t left = (size_t)(reader->end - reader->next);
    int length = 1;

    if ((*reader->next & 0x80) != 0 && left > 1 && reader->encoding->char_length != NULL)
        length = reader->encoding->char_length(reader->next, reader->encoding->encoding);
    if (length < 1)
        length = 1;
    reader->next += (size_t)length < left ? (size_t)length : left;
}

/* Moves to the next special character, or to the end. */
static void
skip_ordinary(ValueReader *reader)
{
    const char *next = reader->next;

    if (reader->encoding->char_length == NULL)
    {
        while (next < reader->end && !is_special(*next))
            next++;
        reader->next = next;
        return;
    }
    while (reader->next < reader->end && !is_special(*reader->next))
        skip_char(reader);
}

/* Appends one byte of the value itself, quoted as the layers need it. */
static void
append_byte(PQExpBuffer out, char c, unsigned layers)
{
    if ((layers & LAYER_ELEMENT) != 0 && (c == '\\' || c == '"'))
        appendPQExpBufferChar(out, '\\');
    if ((layers & LAYER_LITERAL) != 0 && c == '\'')
        appendPQExpBufferChar(out, '\'');
    appendPQExpBufferChar(out, c);
}

/* The value of a digit of base 8 or 16, or -1. */
static int
get_digit_value(const ValueReader *reader, int base)
{
    const char *digits = "0123456789abcdef";
    const char *found;

    if (reader->next == reader->end || *reader->next == '\0')
        return -1;
    found = strchr(digits, *reader->next >= 'A' && *reader->next <= 'F'
                               ? *reader->next - 'A' + 'a'
                               : *reader->next);
    return found != NULL && found - digits < base ? (int)(found - digits) : -1;
}

/* Reads a byte written as up to max_digits digits, of which there is one at least. */
static char
read_escaped_byte(ValueReader *reader, int base, int max_digits)
{
    unsigned value = 0;

    for (int i = 0; i < max_digits && get_digit_value(reader, base) >= 0; i++)
    {
        value = value * (unsigned)base + (unsigned)get_digit_value(reader, base);
        reader->next++;
    }
    return (char)(unsigned char)value;
}

/*
 * Reads what follows a backslash. False if the backslash was just in front of an ordinary
 * character, which is then still to be read.
 */
static bool
read_escape(ValueReader *reader, char *value)
{
    static const char letters[] = "bfnrtv";
    static const char values[] = "\b\f\n\r\t\v";
    const char *letter;

    if (get_digit_value(reader, 8) >= 0)
    {
        *value = read_escaped_byte(reader, 8, 3);
        return true;
    }
    if (*reader->next == 'x')
    {
        ValueReader digits = {reader->next + 1, reader->end, reader->encoding};

        if (get_digit_value(&digits, 16) < 0)
            return false;
        *value = read_escaped_byte(&digits, 16, 2);
        reader->next = digits.next;
        return true;
    }
    letter = *reader->next != '\0' ? strchr(letters, *reader->next) : NULL;
    if (letter == NULL && !is_special(*reader->next))
        return false;
    *value = letter != NULL ? values[letter - letters] : *reader->next;
    reader->next++;
    return true;
}

/* Appends the character at a backslash or quote, or the escape that begins there. */
static void
append_special(PQExpBuffer out, ValueReader *reader, unsigned layers)
{
    char c = *reader->next++;

    if (c == '\\' && (layers & LAYER_UNESCAPE) != 0 && reader->next < reader->end)
    {
        if (read_escape(reader, &c))
            append_byte(out, c, layers);
        else
        {
            const char *start = reader->next;

            skip_char(reader);
            appendBinaryPQExpBuffer(out, start, (size_t)(reader->next - start));
        }
        return;
    }
    append_byte(out, c, layers);
}

static void
append_in_layers(PQExpBuffer out, const char *text, size_t length,
                 const CopyEncoding *encoding, unsigned layers)
{
    ValueReader reader = {text, text + length, encoding};

    while (reader.next < reader.end)
    {
        const char *start = reader.next;

        skip_ordinary(&reader);
        if (reader.next > start)
            appendBinaryPQExpBuffer(out, start, (size_t)(reader.next - start));
        if (reader.next < reader.end)
            append_special(out, &reader, layers);
    }
}

void
copytext_unescape(PQExpBuffer out, const CopyField *field, const CopyEncoding *encoding)
{
    append_in_layers(out, field->text, field->length, encoding, LAYER_UNESCAPE);
}

/* Digits are no part of another character in any encoding if nothing else is there. */
static bool
is_integer(const CopyField *field)
{
    size_t i = field->length > 1 && field->text[0] == '-' ? 1 : 0;

    while (i < field->length && field->text[i] >= '0' && field->text[i] <= '9')
        i++;
    return i == field->length && i > 0;
}

void
copytext_append_element(PQExpBuffer out, const CopyField *field,
                        const CopyEncoding *encoding)
{
    if (field->is_null)
    {
        appendPQExpBufferStr(out, "NULL");
        return;
    }
    /* most keys are integers: quotes would be a quarter of what is sent and parsed */
    if (is_integer(field))
    {
        appendBinaryPQExpBuffer(out, field->text, field->length);
        return;
    }
    appendPQExpBufferChar(out, '"');
    append_in_layers(out, field->text, field->length, encoding,
                     LAYER_UNESCAPE | LAYER_ELEMENT | LAYER_LITERAL);
    appendPQExpBufferChar(out, '"');
}

void
copytext_append_literal(PQExpBuffer out, const CopyField *field,
                        const CopyEncoding *encoding)
{
    if (field->is_null)
    {
        appendPQExpBufferStr(out, "NULL");
        return;
    }
    appendPQExpBufferChar(out, '\'');
    append_in_layers(out, field->text, field->length, encoding,
                     LAYER_UNESCAPE | LAYER_LITERAL);
    appendPQExpBufferChar(out, '\'');
}

void
copytext_append_string(PQExpBuffer out, const char *text, size_t length)
{
    /* Only quotes are looked for, and these are never part of another character. */
    static const CopyEncoding bytewise = {0};

    appendPQExpBufferChar(out, '\'');
    append_in_layers(out, text, length, &bytewise, LAYER_LITERAL);
    appendPQExpBufferChar(out, '\'');
}

void
copytext_append_comment(PQExpBuffer out, const char *text)
{
    static const char letters[] = "tnr";
    static const char controls[] = "\t\n\r";

    for (; *text != '\0'; text++)
    {
        const char *control = strchr(controls, *text);

        if (control != NULL)
            appendPQExpBuffer(out, "\\%c", letters[control - controls]);
        else if ((unsigned char)*text < 0x20 || *text == 0x7f)
            appendPQExpBuffer(out, "\\x%02x", (unsigned char)*text);
        else
            appendPQExpBufferChar(out, *text);
    }
}

/* What COPY writes as a backslash and a letter: the letter, or 0. */
static const char escape_letters[256] = {
    ['\\'] = '\\', ['\t'] = 't', ['\n'] = 'n', ['\r'] = 'r'};

static char
get_escape_letter(char c)
{
    return escape_letters[(unsigned char)c];
}

/* Has one of eight bytes an escape, or is it another control character? */
static inline bool
may_need_escapes(const char *text)
{
    uint64_t bytes;

    memcpy(&bytes, text, sizeof(bytes));
    return (((bytes - EACH_BYTE(' ')) & ~bytes & EACH_BYTE(0x80)) |
            mark_byte(bytes, '\\')) != 0;
}

/* Moves to the next byte that has an escape, or to the end. */
static void
skip_unescaped(ValueReader *reader)
{
    bool is_bytewise = reader->encoding->char_length == NULL;

    while (reader->next < reader->end && get_escape_letter(*reader->next) == 0)
    {
        if (!is_bytewise)
            skip_char(reader);
        else if (reader->end - reader->next >= 8 && !may_need_escapes(reader->next))
            reader->next += 8;
        else
            reader->next++;
    }
}

void
copytext_append_escaped(PQExpBuffer out, const char *text, size_t length,
                        const CopyEncoding *encoding)
{
    ValueReader reader = {.next = text, .end = text + length, .encoding = encoding};

    while (reader.next < reader.end)
    {
        const char *start = reader.next;

        skip_unescaped(&reader);
        if (reader.next > start)
            appendBinaryPQExpBuffer(out, start, (size_t)(reader.next - start));
        if (reader.next < reader.end)
        {
            char escape[2] = {'\\', get_escape_letter(*reader.next++)};

            appendBinaryPQExpBuffer(out, escape, sizeof(escape));
        }
    }
}
