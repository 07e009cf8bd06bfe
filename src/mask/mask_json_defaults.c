#include "mask/mask_json_defaults.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "mask/mask_ascii.h"
#include "mask/mask_contents.h"
#include "mask/mask_wording.h"

struct MaskJsonDefaults
{
    MaskContents *contents;
    MaskSpec words_spec;
    Masker *words;
    MaskMac *mac; /* for numbers and dates */
    const CopyEncoding *encoding;
};

static bool
make_words(MaskJsonDefaults *defaults, Arena *arena, const char *suffix, MaskKey *key,
           Diag *diag)
{
    MaskTarget target = {.type = MASK_TYPE_TEXT, .encoding = defaults->encoding};
    char *text = mem_format("words%s", suffix);
    bool is_mask = mask_spec_parse(&defaults->words_spec, arena, text, diag);

    free(text);
    if (!is_mask)
        return false;
    defaults->words = masker_new(arena, &defaults->words_spec, &target, key, diag);
    return defaults->words != NULL;
}

MaskJsonDefaults *
mask_json_defaults_new(Arena *arena, const MaskSpec *spec, MaskKey *key,
                       const CopyEncoding *encoding, Diag *diag)
{
    MaskJsonDefaults *defaults = arena_alloc(arena, sizeof(*defaults));
    const char *suffix = spec->function + strlen("all");

    defaults->encoding = encoding;
    defaults->mac = mask_mac_new(key, "json", spec->function);
    defaults->contents = mask_contents_new(arena, suffix, key, encoding, diag);
    if (defaults->contents != NULL && make_words(defaults, arena, suffix, key, diag))
        return defaults;
    mask_json_defaults_free(defaults);
    return NULL;
}

void
mask_json_defaults_free(MaskJsonDefaults *defaults)
{
    if (defaults == NULL)
        return;
    mask_contents_free(defaults->contents);
    masker_free(defaults->words);
    mask_mac_free(defaults->mac);
}

static MaskWording
begin_sequence(MaskJsonDefaults *defaults, const MaskValue *value)
{
    uint8_t mac[MASK_MAC_SIZE];

    mask_mac_compute(defaults->mac, value->text, value->length, mac);
    return mask_wording_begin(mac, defaults->encoding);
}

/* ---- strings */

/* Writes two digits of a number from low to high. */
static void
put_two_digits(MaskWording *sequence, char *out, unsigned low, unsigned high)
{
    unsigned number =
        low + (unsigned)(mask_wording_draw(sequence) >> 32) % (high - low + 1);

    out[0] = (char)('0' + number / 10);
    out[1] = (char)('0' + number % 10);
}

/* Another day of the year that stays, and another time; what follows it stays. */
static void
append_date(MaskJsonDefaults *defaults, const MaskValue *value, PQExpBuffer out)
{
    MaskWording sequence = begin_sequence(defaults, value);
    size_t start = 0;
    size_t at = out->len;
    bool has_year_first;
    char *date;

    while (mask_ascii_is_blank(value->text[start]))
        start++;
    appendBinaryPQExpBuffer(out, value->text, value->length);
    date = out->data + at + start;
    has_year_first = mask_ascii_is_digit(date[2]);
    put_two_digits(&sequence, date + (has_year_first ? 5 : 0), 1, 12);
    put_two_digits(&sequence, date + (has_year_first ? 8 : 3), 1, 12);
    if (value->length - start < 16 || !mask_ascii_is_digit(date[11]))
        return;
    put_two_digits(&sequence, date + 11, 0, 23);
    put_two_digits(&sequence, date + 14, 0, 59);
    if (value->length - start >= 19 && date[16] == ':')
        put_two_digits(&sequence, date + 17, 0, 59);
}

static bool
has_ascii_digit(const MaskValue *value)
{
    for (size_t i = 0; i < value->length; i++)
    {
        if (mask_ascii_is_digit(value->text[i]))
            return true;
    }
    return false;
}

void
mask_json_defaults_append_string(MaskJsonDefaults *defaults, const MaskInput *input,
                                 PQExpBuffer out)
{
    ContentKind kind = content_classify(input->value.text, input->value.length);
    const char *problem;

    if (kind == CONTENT_DATE)
        append_date(defaults, &input->value, out);
    else if (!mask_contents_append(defaults->contents, kind, input, out) &&
             !(has_ascii_digit(&input->value) &&
               mask_contents_append_pattern(defaults->contents, input, out)))
        (void)masker_apply(defaults->words, input, out, &problem);
}

/* ---- numbers */

void
mask_json_defaults_append_number(MaskJsonDefaults *defaults, const MaskInput *input,
                                 PQExpBuffer out)
{
    MaskWording sequence = begin_sequence(defaults, &input->canonical);
    const char *text = input->value.text;
    bool is_first = true;
    size_t i = 0;

    for (; i < input->value.length && mask_ascii_to_lower(text[i]) != 'e'; i++)
    {
        unsigned digit = (unsigned)(text[i] - '0');
        unsigned drawn = (unsigned)(mask_wording_draw(&sequence) >> 32);

        if (!mask_ascii_is_digit(text[i]))
        {
            appendPQExpBufferChar(out, text[i]);
            continue;
        }
        if (is_first)
            digit = digit <= 1 ? digit : 1 + drawn % (digit - 1);
        else
            digit = drawn % 10;
        is_first = false;
        appendPQExpBufferChar(out, (char)('0' + digit));
    }
    appendBinaryPQExpBuffer(out, text + i, input->value.length - i);
}
