#include "mask/mask_json_text.h"

#include <stdint.h>
#include <string.h>

#include "mask/mask_ascii.h"
#include "mask/mask_chars.h"

enum
{
    REPLACEMENT = 0xfffd, /* for half a surrogate pair */
    LARGEST_EXPONENT = 300
};

/* ---- tokens */

/* Passes a string; the reader is behind its first quote. */
static bool
skip_string(MaskJsonReader *reader, bool *has_escapes)
{
    bool is_bytewise = reader->encoding == NULL || reader->encoding->char_length == NULL;
    const char *next = reader->next;

    *has_escapes = false;
    while (next < reader->end && *next != '"')
    {
        if (is_bytewise && *next != '\\')
        {
            next++;
            continue;
        }
        if (*next == '\\')
        {
            *has_escapes = true;
            if (++next == reader->end)
                break;
        }
        next += mask_chars_step(reader->encoding, next, reader->end);
    }
    reader->next = next;
    if (next == reader->end)
        return false;
    reader->next++;
    return true;
}

/* How many bytes a number at the start of the text has, or 0. */
static size_t
scan_number(const char *text, const char *end)
{
    const char *next = text;
    const char *digits;

    if (next < end && *next == '-')
        next++;
    digits = next;
    while (next < end && mask_ascii_is_digit(*next))
        next++;
    if (next == digits || (*digits == '0' && next - digits > 1))
        return 0;
    if (next < end && *next == '.')
    {
        digits = ++next;
        while (next < end && mask_ascii_is_digit(*next))
            next++;
        if (next == digits)
            return 0;
    }
    if (next < end && mask_ascii_to_lower(*next) == 'e')
    {
        next++;
        if (next < end && (*next == '+' || *next == '-'))
            next++;
        digits = next;
        while (next < end && mask_ascii_is_digit(*next))
            next++;
        if (next == digits)
            return 0;
    }
    return (size_t)(next - text);
}

bool
mask_json_text_is_number(const char *text, size_t length)
{
    return length > 0 && scan_number(text, text + length) == length;
}

/* Digits with so many of them before the point, which can be less than 0, or too many. */
static void
append_plain_digits(PQExpBuffer out, const PQExpBufferData *digits, int n_before)
{
    int n = (int)digits->len;
    int skipped = 0;

    while (skipped < n_before - 1 && skipped < n && digits->data[skipped] == '0')
        skipped++;
    if (n_before <= 0)
        appendPQExpBufferStr(out, "0.");
    for (int i = n_before; i < 0; i++)
        appendPQExpBufferChar(out, '0');
    for (int i = skipped; i < n; i++)
    {
        if (i == n_before && i > 0)
            appendPQExpBufferChar(out, '.');
        appendPQExpBufferChar(out, digits->data[i]);
    }
    for (int i = n; i < n_before; i++)
        appendPQExpBufferChar(out, '0');
}

/* The exponent of a number, which is 0 without one; far beyond LARGEST_EXPONENT: any. */
static int
read_json_exponent(const char *text, size_t length, size_t *mantissa)
{
    size_t i = 0;
    bool is_negative;
    int exponent = 0;

    while (i < length && mask_ascii_to_lower(text[i]) != 'e')
        i++;
    *mantissa = i++;
    is_negative = i < length && text[i] == '-';
    for (; i < length; i++)
    {
        if (mask_ascii_is_digit(text[i]) && exponent <= LARGEST_EXPONENT)
            exponent = 10 * exponent + (text[i] - '0');
    }
    return is_negative ? -exponent : exponent;
}

bool
mask_json_text_expand_number(PQExpBuffer out, const char *text, size_t length)
{
    size_t mantissa;
    int exponent = read_json_exponent(text, length, &mantissa);
    const char *point = memchr(text, '.', mantissa);
    int n_before;
    PQExpBufferData digits;

    resetPQExpBuffer(out);
    if (mantissa == length)
    {
        appendBinaryPQExpBuffer(out, text, length);
        return true;
    }
    if (exponent > LARGEST_EXPONENT || exponent < -LARGEST_EXPONENT)
        return false;
    initPQExpBuffer(&digits);
    for (size_t i = 0; i < mantissa; i++)
    {
        if (mask_ascii_is_digit(text[i]))
            appendPQExpBufferChar(&digits, text[i]);
    }
    n_before = (int)(point != NULL ? point - text : (ptrdiff_t)mantissa) -
               (text[0] == '-') + exponent;
    if (text[0] == '-')
        appendPQExpBufferChar(out, '-');
    append_plain_digits(out, &digits, n_before);
    termPQExpBuffer(&digits);
    return true;
}

/* How many bytes true, false or null has, or 0. */
static size_t
scan_word(const char *text, const char *end)
{
    static const char *const words[] = {"true", "false", "null"};

    for (size_t i = 0; i < 3; i++)
    {
        size_t length = strlen(words[i]);

        if ((size_t)(end - text) >= length && memcmp(text, words[i], length) == 0)
            return length;
    }
    return 0;
}

static MaskJsonTokenKind
get_mark(char c)
{
    switch (c)
    {
        case '{':
            return MASK_JSON_OPEN_OBJECT;
        case '[':
            return MASK_JSON_OPEN_ARRAY;
        case '}':
            return MASK_JSON_CLOSE_OBJECT;
        case ']':
            return MASK_JSON_CLOSE_ARRAY;
        case ',':
            return MASK_JSON_COMMA;
        case ':':
            return MASK_JSON_COLON;
        default:
            return MASK_JSON_BAD;
    }
}

void
mask_json_text_next(MaskJsonReader *reader, MaskJsonToken *token)
{
    while (reader->next < reader->end && mask_ascii_is_blank(*reader->next))
        reader->next++;
    *token = (MaskJsonToken){.kind = MASK_JSON_END, .text = reader->next};
    if (reader->next == reader->end)
        return;
    token->kind = get_mark(*reader->next);
    if (token->kind != MASK_JSON_BAD)
        reader->next++;
    else if (*reader->next == '"')
    {
        reader->next++;
        if (skip_string(reader, &token->has_escapes))
            token->kind = MASK_JSON_STRING;
    }
    else if ((token->length = scan_number(reader->next, reader->end)) > 0)
        token->kind = MASK_JSON_NUMBER;
    else if ((token->length = scan_word(reader->next, reader->end)) > 0)
        token->kind = MASK_JSON_WORD;
    reader->next += token->length;
    token->length = (size_t)(reader->next - token->text);
}

/* ---- strings */

static void
append_utf8(PQExpBuffer out, uint32_t code)
{
    char bytes[4];
    size_t n = 0;

    if (code < 0x80)
        bytes[n++] = (char)code;
    else if (code < 0x800)
        bytes[n++] = (char)(0xc0 | code >> 6);
    else if (code < 0x10000)
    {
        bytes[n++] = (char)(0xe0 | code >> 12);
        bytes[n++] = (char)(0x80 | (code >> 6 & 0x3f));
    }
    else
    {
        bytes[n++] = (char)(0xf0 | code >> 18);
        bytes[n++] = (char)(0x80 | (code >> 12 & 0x3f));
        bytes[n++] = (char)(0x80 | (code >> 6 & 0x3f));
    }
    if (code >= 0x80)
        bytes[n++] = (char)(0x80 | (code & 0x3f));
    appendBinaryPQExpBuffer(out, bytes, n);
}

/* Four hexadecimal digits; false when there are less. */
static bool
read_hex4(const char *text, const char *end, uint32_t *code)
{
    *code = 0;
    if (end - text < 4)
        return false;
    for (int i = 0; i < 4; i++)
    {
        char c = mask_ascii_to_lower(text[i]);

        if (!mask_ascii_is_hex(c))
            return false;
        *code = *code << 4 | (uint32_t)(c <= '9' ? c - '0' : c - 'a' + 10);
    }
    return true;
}

/* Reads what follows "\u", with the second half of a pair; returns where it ends. */
static const char *
read_unicode(const char *text, const char *end, uint32_t *code)
{
    uint32_t second;

    if (!read_hex4(text, end, code))
    {
        *code = REPLACEMENT;
        return text;
    }
    text += 4;
    if (*code < 0xd800 || *code > 0xdfff)
        return text;
    if (*code < 0xdc00 && end - text >= 6 && text[0] == '\\' && text[1] == 'u' &&
        read_hex4(text + 2, end, &second) && second >= 0xdc00 && second <= 0xdfff)
    {
        *code = 0x10000 + ((*code - 0xd800) << 10) + (second - 0xdc00);
        return text + 6;
    }
    *code = REPLACEMENT;
    return text;
}

static const char escape_names[] = "\"\\/bfnrt";
static const char escape_values[] = "\"\\/\b\f\n\r\t";

/* Appends what the escape at text, behind its backslash, means; returns where it ends. */
static const char *
decode_escape(PQExpBuffer out, const char *text, const char *end, bool *is_high)
{
    const char *name = *text != '\0' ? strchr(escape_names, *text) : NULL;
    uint32_t code;

    if (name != NULL)
    {
        appendPQExpBufferChar(out, escape_values[name - escape_names]);
        return text + 1;
    }
    if (*text != 'u')
        return text;
    text = read_unicode(text + 1, end, &code);
    *is_high = *is_high || code >= 0x80;
    append_utf8(out, code);
    return text;
}

static bool
has_high_bytes(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
    {
        if ((unsigned char)text[i] >= 0x80)
            return true;
    }
    return false;
}

bool
mask_json_text_decode(PQExpBuffer out, const MaskJsonToken *token,
                      const CopyEncoding *encoding)
{
    const char *next = token->text + 1;
    const char *end = token->text + token->length - 1;
    bool is_high = false;

    resetPQExpBuffer(out);
    if (!token->has_escapes)
    {
        appendBinaryPQExpBuffer(out, next, (size_t)(end - next));
        return false;
    }
    while (next < end)
    {
        const char *start = next;

        while (next < end && *next != '\\')
            next += mask_chars_step(encoding, next, end);
        appendBinaryPQExpBuffer(out, start, (size_t)(next - start));
        if (next < end && ++next < end)
            next = decode_escape(out, next, end, &is_high);
    }
    return is_high && !has_high_bytes(token->text, token->length);
}

static void
append_unicode_escape(PQExpBuffer out, uint32_t code)
{
    if (code >= 0x10000)
        appendPQExpBuffer(out, "\\u%04x\\u%04x", 0xd800 + ((code - 0x10000) >> 10),
                          0xdc00 + ((code - 0x10000) & 0x3ff));
    else
        appendPQExpBuffer(out, "\\u%04x", code);
}

/* The character of UTF-8 at text as an escape; returns where it ends. */
static const char *
append_escaped_utf8(PQExpBuffer out, const char *text, const char *end)
{
    unsigned char lead = (unsigned char)*text++;
    uint32_t code = lead >= 0xf0   ? lead & 0x07U
                    : lead >= 0xe0 ? lead & 0x0fU
                                   : lead & 0x1fU;

    for (; text < end && ((unsigned char)*text & 0xc0) == 0x80; text++)
        code = code << 6 | ((unsigned char)*text & 0x3fU);
    append_unicode_escape(out, code < 0x110000 ? code : REPLACEMENT);
    return text;
}

static void
append_ascii_escape(PQExpBuffer out, char c)
{
    const char *value = c != '\0' ? strchr(escape_values, c) : NULL;

    if (value != NULL)
    {
        char escape[2] = {'\\', escape_names[value - escape_values]};

        appendBinaryPQExpBuffer(out, escape, sizeof(escape));
    }
    else
        append_unicode_escape(out, (unsigned char)c);
}

void
mask_json_text_append_string(PQExpBuffer out, const char *text, size_t length,
                             const CopyEncoding *encoding, bool escapes_unicode)
{
    const char *next = text;
    const char *end = text + length;

    appendPQExpBufferChar(out, '"');
    while (next < end)
    {
        const char *start = next;

        while (next < end && *next != '"' && *next != '\\' &&
               (unsigned char)*next >= 0x20 &&
               !(escapes_unicode && (unsigned char)*next >= 0x80))
            next += mask_chars_step(encoding, next, end);
        appendBinaryPQExpBuffer(out, start, (size_t)(next - start));
        if (next == end)
            break;
        if ((unsigned char)*next >= 0x80)
            next = append_escaped_utf8(out, next, end);
        else
            append_ascii_escape(out, *next++);
    }
    appendPQExpBufferChar(out, '"');
}
