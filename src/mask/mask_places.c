/*
 * Masks that make places and firms from the lists. Empty values stay empty; what does not
 * fit into varchar(n) is cut.
 */
#include <string.h>

#include "mask/mask_ascii.h"
#include "mask/mask_kinds.h"
#include "mask/mask_lists.h"

enum
{
    MOST_NUMBERS = 199, /* of houses */
    NUMBER_SIZE = 4
};

/* Appends as much of the text as the column has room for. */
static void
append_fitted(const Masker *masker, PQExpBuffer out, const char *text, size_t n)
{
    int room = masker->target.max_length;

    if (room > 0 && n > (size_t)room)
        n = (size_t)room;
    while (n > 0 && text[n - 1] == ' ')
        n--;
    appendBinaryPQExpBuffer(out, text, n);
}

static bool
compute_bits(const Masker *masker, const MaskInput *input, uint8_t mac[MASK_MAC_SIZE])
{
    if (input->canonical.length == 0)
        return false;
    mask_mac_compute(masker->mac, input->canonical.text, input->canonical.length, mac);
    return true;
}

static size_t
put_house_number(char *out, unsigned bits)
{
    unsigned number = bits % MOST_NUMBERS + 1;
    size_t n = 0;

    if (number >= 100)
        out[n++] = (char)('0' + number / 100);
    if (number >= 10)
        out[n++] = (char)('0' + number / 10 % 10);
    out[n++] = (char)('0' + number % 10);
    return n;
}

static bool
has_digit(const MaskValue *value)
{
    for (size_t i = 0; i < value->length; i++)
    {
        if (mask_ascii_is_digit(value->text[i]))
            return true;
    }
    return false;
}

/* A house number stays where it is: before the street or behind it. */
static MaskResult
apply_street(Masker *masker, const MaskInput *input, PQExpBuffer out,
             const char **problem)
{
    uint8_t mac[MASK_MAC_SIZE];
    char text[MASK_LISTS_MAX + 2 * NUMBER_SIZE];
    bool is_first;
    size_t n = 0;

    (void)problem;
    if (!compute_bits(masker, input, mac))
        return MASK_DONE;
    is_first = mask_ascii_is_digit(input->canonical.text[0]);
    if (is_first)
    {
        n = put_house_number(text, mask_ascii_get_bits(mac + 2));
        text[n++] = ' ';
    }
    n += mask_lists_put_street(text + n, mask_ascii_get_bits(mac));
    if (!is_first && has_digit(&input->canonical))
    {
        text[n++] = ' ';
        n += put_house_number(text + n, mask_ascii_get_bits(mac + 2));
    }
    append_fitted(masker, out, text, n);
    return MASK_DONE;
}

static MaskResult
apply_city(Masker *masker, const MaskInput *input, PQExpBuffer out, const char **problem)
{
    uint8_t mac[MASK_MAC_SIZE];
    char text[MASK_LISTS_MAX] = "";
    size_t n;

    (void)problem;
    if (!compute_bits(masker, input, mac))
        return MASK_DONE;
    n = mask_lists_put_city(text, mask_ascii_get_bits(mac));
    append_fitted(masker, out, text, n);
    return MASK_DONE;
}

static MaskResult
apply_company(Masker *masker, const MaskInput *input, PQExpBuffer out,
              const char **problem)
{
    uint8_t mac[MASK_MAC_SIZE];
    char text[MASK_LISTS_MAX] = "";
    size_t n;

    (void)problem;
    if (!compute_bits(masker, input, mac))
        return MASK_DONE;
    n = mask_lists_put_company(text, mask_ascii_get_bits(mac));
    append_fitted(masker, out, text, n);
    return MASK_DONE;
}

const MaskKind mask_places_street = {
    .name = "street",
    .arguments = "",
    .description = "One of 1,024 streets, with a house number where the value has one",
    .example = "12 Main Street",
    .types = MASK_TYPE_BIT(MASK_TYPE_TEXT),
    .uniqueness = MASK_NOT_UNIQUE,
    .apply = apply_street,
};

const MaskKind mask_places_city = {
    .name = "city",
    .arguments = "",
    .description = "One of 1,024 places made of syllables",
    .example = "Springfield",
    .types = MASK_TYPE_BIT(MASK_TYPE_TEXT),
    .uniqueness = MASK_NOT_UNIQUE,
    .apply = apply_city,
};

const MaskKind mask_places_company = {
    .name = "company",
    .arguments = "",
    .description = "One of 8,192 firms made of syllables and a line of business",
    .example = "Smith and Sons",
    .types = MASK_TYPE_BIT(MASK_TYPE_TEXT),
    .uniqueness = MASK_NOT_UNIQUE,
    .apply = apply_company,
};
