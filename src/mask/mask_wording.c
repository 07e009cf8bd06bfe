#include "mask/mask_wording.h"

#include <stdbool.h>
#include <string.h>

#include "mask/mask_ascii.h"
#include "mask/mask_chars.h"
#include "mask/mask_kinds.h"
#include "mask/mask_lists.h"

MaskWording
mask_wording_begin(const uint8_t *mac, const CopyEncoding *encoding)
{
    MaskWording wording = {.encoding = encoding};

    for (int i = 0; i < 8; i++)
        wording.seed = wording.seed << 8 | mac[i];
    return wording;
}

/* SplitMix64. */
uint64_t
mask_wording_draw(MaskWording *wording)
{
    uint64_t z = wording->seed += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

/* ---- words */

typedef struct WordShape
{
    size_t n_bytes;
    size_t n_letters; /* about, where the encoding is not known */
    bool begins_upper;
    bool is_upper; /* two letters or more, all capitals */
} WordShape;

static bool
is_word_byte(char c)
{
    return mask_ascii_is_letter(c) || (unsigned char)c >= 0x80;
}

/* The letters that the text begins with; a character of several bytes counts as one. */
static WordShape
scan_word_shape(const CopyEncoding *encoding, const char *text, const char *end)
{
    WordShape shape = {.begins_upper = mask_ascii_is_upper(*text)};
    const char *next = text;
    size_t n_high = 0;
    size_t n_leads = 0;
    size_t n_lower = 0;

    while (next < end && is_word_byte(*next))
    {
        size_t step = mask_chars_step(encoding, next, end);
        bool is_high = (unsigned char)*next >= 0x80;

        if (step > 1 || !is_high)
            shape.n_letters++;
        else
        {
            n_high++;
            n_leads += ((unsigned char)*next & 0xc0) != 0x80;
        }
        n_lower += is_high || !mask_ascii_is_upper(*next);
        next += step;
    }
    shape.n_bytes = (size_t)(next - text);
    if (n_high > 0)
        shape.n_letters +=
            mask_chars_is_utf8(text, shape.n_bytes) ? n_leads : (n_high + 1) / 2;
    shape.is_upper = n_lower == 0 && shape.n_letters > 1;
    return shape;
}

/* A word of so many letters; longer ones than there are are put together. */
static void
append_other_word(MaskWording *wording, PQExpBuffer out, const WordShape *shape)
{
    size_t start = out->len;

    for (size_t left = shape->n_letters; left > 0;)
    {
        size_t length = left < MASK_LISTS_LONGEST_WORD ? left : MASK_LISTS_LONGEST_WORD;
        unsigned bits = (unsigned)(mask_wording_draw(wording) >> 40);

        appendBinaryPQExpBuffer(out, mask_lists_get_word(length, bits), length);
        left -= length;
    }
    if (shape->begins_upper && out->len > start)
        out->data[start] = mask_ascii_to_upper(out->data[start]);
    for (size_t i = start; shape->is_upper && i < out->len; i++)
        out->data[i] = mask_ascii_to_upper(out->data[i]);
}

void
mask_wording_append(MaskWording *wording, PQExpBuffer out, const char *text,
                    size_t length)
{
    const char *end = text + length;

    while (text < end)
    {
        if (is_word_byte(*text))
        {
            WordShape shape = scan_word_shape(wording->encoding, text, end);

            append_other_word(wording, out, &shape);
            text += shape.n_bytes;
        }
        else if (mask_ascii_is_digit(*text))
        {
            appendPQExpBufferChar(out,
                                  (char)('0' + (mask_wording_draw(wording) >> 32) % 10));
            text++;
        }
        else
            appendPQExpBufferChar(out, *text++);
    }
}

/* ---- xml */

/* Where an instruction or declaration, which begins the text, ends. */
static const char *
skip_declaration(const char *text, const char *end)
{
    const char *form = end - text > 1 && text[1] == '?' ? "?>" : ">";
    size_t n = strlen(form);
    const char *found = memmem(text, (size_t)(end - text), form, n);

    return found != NULL ? found + n : end;
}

/* An entity, such as "&amp;"; or the & alone. */
static const char *
skip_entity(const char *text, const char *end)
{
    const char *next = text + 1;

    while (next < end && (mask_ascii_is_alnum(*next) || *next == '#'))
        next++;
    return next < end && *next == ';' ? next + 1 : text + 1;
}

/* Text with entities; a character that is given by its number becomes another one. */
static void
append_xml_text(MaskWording *wording, PQExpBuffer out, const char *text, const char *end)
{
    while (text < end)
    {
        const char *next = memchr(text, '&', (size_t)(end - text));

        if (next == NULL)
            next = end;
        mask_wording_append(wording, out, text, (size_t)(next - text));
        text = next;
        if (text == end)
            break;
        next = skip_entity(text, end);
        if (next - text > 1 && text[1] == '#')
            mask_wording_append(wording, out, "x", 1);
        else
            appendBinaryPQExpBuffer(out, text, (size_t)(next - text));
        text = next;
    }
}

/* Does the attribute, whose name text is, declare a namespace? */
static bool
is_namespace(const char *text, const char *end)
{
    return end - text > 5 && memcmp(text, "xmlns", 5) == 0 &&
           (text[5] == ':' || text[5] == '=' || mask_ascii_is_blank(text[5]));
}

/*
 * A tag ends at the first > that is not within quotes, where values of attributes are.
 * These get other words, but not what declares namespaces. Returns where it ends.
 */
static const char *
append_xml_tag(MaskWording *wording, PQExpBuffer out, const char *text, const char *end)
{
    const char *name = text;

    while (text < end && *text != '>')
    {
        const char *close;

        if (mask_ascii_is_blank(text[0]) && text + 1 < end &&
            !mask_ascii_is_blank(text[1]) && strchr("=\"'/>", text[1]) == NULL)
            name = text + 1;
        appendPQExpBufferChar(out, *text++);
        if (text[-1] != '"' && text[-1] != '\'')
            continue;
        close = memchr(text, text[-1], (size_t)(end - text));
        if (close == NULL)
            close = end;
        if (is_namespace(name, end))
            appendBinaryPQExpBuffer(out, text, (size_t)(close - text));
        else
            append_xml_text(wording, out, text, close);
        if (close < end)
            appendPQExpBufferChar(out, *close++);
        text = close;
    }
    if (text < end)
        appendPQExpBufferChar(out, *text++);
    return text;
}

/* Markup that is no section: a tag, or what stays as it is. */
static const char *
append_markup(MaskWording *wording, PQExpBuffer out, const char *text, const char *end)
{
    const char *next;

    if (end - text > 1 && text[1] != '!' && text[1] != '?')
        return append_xml_tag(wording, out, text, end);
    next = skip_declaration(text, end);
    appendBinaryPQExpBuffer(out, text, (size_t)(next - text));
    return next;
}

/* What is text within markup: its delimiters stay. */
typedef struct XmlSection
{
    const char *begin;
    const char *end;
} XmlSection;

static const XmlSection *
find_section(const char *text, const char *end)
{
    static const XmlSection sections[] = {{"<![CDATA[", "]]>"}, {"<!--", "-->"}};

    for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++)
    {
        size_t n = strlen(sections[i].begin);

        if ((size_t)(end - text) >= n && memcmp(text, sections[i].begin, n) == 0)
            return &sections[i];
    }
    return NULL;
}

/* Appends a section with other words; returns where the end of it begins. */
static const char *
append_section(MaskWording *wording, PQExpBuffer out, const XmlSection *section,
               const char *text, const char *end)
{
    const char *close;

    appendPQExpBufferStr(out, section->begin);
    text += strlen(section->begin);
    close = memmem(text, (size_t)(end - text), section->end, strlen(section->end));
    if (close == NULL)
        close = end;
    mask_wording_append(wording, out, text, (size_t)(close - text));
    return close;
}

/* Text between markup and in attributes gets other words, and so do comments. */
static void
append_xml(MaskWording *wording, PQExpBuffer out, const char *text, size_t length)
{
    const char *end = text + length;

    while (text < end)
    {
        const XmlSection *section = find_section(text, end);
        const char *next;

        if (section != NULL)
            text = append_section(wording, out, section, text, end);
        else if (*text == '<')
            text = append_markup(wording, out, text, end);
        else
        {
            next = memchr(text, '<', (size_t)(end - text));
            if (next == NULL)
                next = end;
            append_xml_text(wording, out, text, next);
            text = next;
        }
    }
}

/* ---- the kind */

static MaskResult
apply_words(Masker *masker, const MaskInput *input, PQExpBuffer out, const char **problem)
{
    size_t most = (size_t)masker->target.max_length;
    size_t start = out->len;
    uint8_t mac[MASK_MAC_SIZE];
    MaskWording wording;

    (void)problem;
    mask_mac_compute(masker->mac, input->canonical.text, input->canonical.length, mac);
    wording = mask_wording_begin(mac, masker->target.encoding);
    if (masker->target.type == MASK_TYPE_XML)
        append_xml(&wording, out, input->value.text, input->value.length);
    else
        mask_wording_append(&wording, out, input->value.text, input->value.length);
    if (most > 0 && out->len - start > most)
    {
        out->len = start + most;
        out->data[out->len] = '\0';
    }
    return MASK_DONE;
}

const MaskKind mask_wording_words = {
    .name = "words",
    .arguments = "",
    .description =
        "Other words, as many and about as long; in xml those between tags, of "
        "attributes and in comments",
    .example = "Please call 555-0123, Ann!",
    .types = MASK_TYPE_BIT(MASK_TYPE_TEXT) | MASK_TYPE_BIT(MASK_TYPE_XML),
    .uniqueness = MASK_NOT_UNIQUE,
    .apply = apply_words,
};
