#include "mask/content.h"

#include "mask/content_match.h"
#include "mask/mask_ascii.h"
#include "mask/mask_chars.h"
#include "mask/mask_first_names.h"

enum
{
    LONGEST_VALUE = 8192, /* bytes; longer ones are texts */
    LONGEST_NAME = 80,
    MOST_NAME_WORDS = 4
};

static const struct
{
    const char *name;
    const char *mask;
} content_kinds[CONTENT_N_KINDS] = {
    [CONTENT_NONE] = {"nothing", NULL},
    [CONTENT_EMAIL] = {"e-mail addresses", "email"},
    [CONTENT_PHONE] = {"phone numbers", "phone"},
    [CONTENT_IBAN] = {"IBANs", "iban"},
    [CONTENT_CARD] = {"card numbers", "card"},
    [CONTENT_IP] = {"IP addresses", "ip"},
    [CONTENT_MACADDR] = {"MAC addresses", "mac"},
    [CONTENT_JWT] = {"tokens", "hash"},
    [CONTENT_NATIONAL] = {"national identification numbers", "pattern"},
    [CONTENT_FIRST_NAME] = {"first names", "first_name"},
    [CONTENT_NAME] = {"names", "name"},
    [CONTENT_UUID] = {"UUIDs", NULL},
    [CONTENT_DATE] = {"dates", NULL},
    [CONTENT_NUMBER] = {"numbers", NULL},
};

bool
content_is_personal(ContentKind kind)
{
    return content_kinds[kind].mask != NULL;
}

const char *
content_get_name(ContentKind kind)
{
    return content_kinds[kind].name;
}

const char *
content_get_mask(ContentKind kind)
{
    return content_kinds[kind].mask;
}

/* ---- names */

static bool
is_name_byte(char c)
{
    return mask_ascii_is_letter(c) || c == '-' || c == '\'' || (unsigned char)c >= 0x80;
}

static bool
begins_like_name(char c)
{
    return mask_ascii_is_upper(c) || (unsigned char)c >= 0x80;
}

/* A first name, or up to MOST_NAME_WORDS words with capitals, one of which is one. */
static ContentKind
classify_name(const char *text, size_t length)
{
    int n_words = 0;
    bool has_first_name = false;
    size_t i = 0;

    if (length > LONGEST_NAME)
        return CONTENT_NONE;
    while (i < length)
    {
        size_t start = i;

        while (i < length && is_name_byte(text[i]))
            i++;
        if (i == start || (n_words > 0 && !begins_like_name(text[start])))
            return CONTENT_NONE;
        n_words++;
        has_first_name =
            has_first_name || mask_first_names_contain(text + start, i - start);
        if (i < length && (text[i] == ',' || text[i] == '.'))
            i++;
        if (i < length && text[i] != ' ')
            return CONTENT_NONE;
        while (i < length && text[i] == ' ')
            i++;
    }
    if (!has_first_name || n_words > MOST_NAME_WORDS)
        return CONTENT_NONE;
    if (n_words == 1)
        return CONTENT_FIRST_NAME;
    return begins_like_name(text[0]) ? CONTENT_NAME : CONTENT_NONE;
}

/* ---- values and texts */

ContentKind
content_classify(const char *text, size_t length)
{
    ContentKind kind;
    size_t matched;

    while (length > 0 && mask_ascii_is_blank(text[length - 1]))
        length--;
    while (length > 0 && mask_ascii_is_blank(*text))
    {
        text++;
        length--;
    }
    if (length == 0 || length > LONGEST_VALUE)
        return CONTENT_NONE;
    kind = content_match_start(text, length, true, &matched);
    if (kind != CONTENT_NONE)
        return matched == length ? kind : CONTENT_NONE;
    return classify_name(text, length);
}

/* Can a match begin at this byte, behind that one? */
static bool
can_begin(char before, char c, bool allows_high)
{
    bool is_inside = mask_ascii_is_alnum(before) || before == '_' || before == '@' ||
                     (allows_high && (unsigned char)before >= 0x80);

    if (is_inside)
        return false;
    return mask_ascii_is_alnum(c) || c == '+' || c == '(' || c == ':' || c == '_' ||
           (allows_high && (unsigned char)c >= 0x80);
}

bool
content_find(const char *text, size_t length, size_t from, const CopyEncoding *encoding,
             ContentMatch *match)
{
    const char *end = text + length;
    bool allows_high = encoding == NULL || encoding->char_length == NULL;
    size_t i = from;

    while (i < length)
    {
        char before = i > from ? text[i - 1] : ' ';

        if (can_begin(before, text[i], allows_high))
        {
            match->kind =
                content_match_start(text + i, length - i, allows_high, &match->length);
            match->start = i;
            if (match->kind != CONTENT_NONE)
                return true;
        }
        i += mask_chars_step(encoding, text + i, end);
    }
    return false;
}
