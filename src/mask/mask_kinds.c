#include "mask/mask_kinds.h"

#include <string.h>

#include "base/nearest.h"

static const MaskKind *const kinds[] = {
    /* persons */
    &mask_persons_email,
    &mask_persons_user_name,
    &mask_persons_first_name,
    &mask_persons_last_name,
    &mask_persons_name,
    /* places */
    &mask_places_street,
    &mask_places_city,
    &mask_digits_postcode,
    &mask_places_company,
    /* numbers that name something */
    &mask_integer_key,
    &mask_digits_phone,
    &mask_digits_pattern,
    &mask_card_card,
    &mask_iban_iban,
    &mask_ip_ip,
    &mask_macaddr_mac,
    &mask_digest_uuid,
    &mask_digest_hash,
    /* texts and values with parts */
    &mask_wording_words,
    &mask_scrub_scrub,
    &mask_json_json,
    /* amounts and dates */
    &mask_date_date,
    &mask_date_shift,
    &mask_number_noise,
    &mask_bucket_bucket,
    /* what has nothing to do with the value */
    &mask_pick_pick,
    &mask_plain_fixed,
    &mask_plain_empty,
    &mask_plain_null,
    &mask_plain_keep,
    &mask_plain_sql,
};

enum
{
    N_KINDS = sizeof(kinds) / sizeof(kinds[0])
};

/* As messages call the types; in the order of MaskType. */
static const char *const type_names[] = {
    "other", "text",      "integer", "numeric",  "float",   "boolean",
    "date",  "timestamp", "uuid",    "inet",     "macaddr", "bytea",
    "json",  "hstore",    "xml",     "tsvector", "enum",    "point",
};

const MaskKind *const *
mask_kinds_get(size_t *n)
{
    *n = N_KINDS;
    return kinds;
}

const MaskKind *
mask_kinds_find(const char *name)
{
    for (size_t i = 0; i < N_KINDS; i++)
        if (strcmp(kinds[i]->name, name) == 0)
            return kinds[i];
    return NULL;
}

const char *
mask_kinds_find_nearest(const char *name)
{
    const char *names[N_KINDS];

    for (size_t i = 0; i < N_KINDS; i++)
        names[i] = kinds[i]->name;
    return nearest_find(name, names, N_KINDS);
}

void
mask_kinds_append_types(PQExpBuffer text, const MaskKind *kind)
{
    const char *separator = "";

    if (kind->types == 0)
        appendPQExpBufferStr(text, "all types");
    for (uint32_t i = 0; i < sizeof(type_names) / sizeof(type_names[0]); i++)
    {
        if ((kind->types & MASK_TYPE_BIT(i)) == 0)
            continue;
        appendPQExpBuffer(text, "%s%s", separator, type_names[i]);
        separator = ", ";
    }
}

bool
mask_kinds_takes(const MaskKind *kind, MaskType type)
{
    return kind->types == 0 || (kind->types & MASK_TYPE_BIT(type)) != 0;
}

void
mask_kinds_append_names(PQExpBuffer text, MaskType type, bool is_unique,
                        const MaskKind *except)
{
    const char *separator = "";

    for (size_t i = 0; i < N_KINDS; i++)
    {
        bool is_name = is_unique && kinds[i] == &mask_persons_name;

        if (!mask_kinds_takes(kinds[i], type) || (kinds[i] == except && !is_name) ||
            (is_unique && !is_name && kinds[i]->uniqueness == MASK_NOT_UNIQUE))
            continue;
        appendPQExpBuffer(text, "%s%s%s", separator, kinds[i]->name,
                          is_name ? " unique" : "");
        separator = ", ";
    }
}
