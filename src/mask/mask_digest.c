/* Masks that are bits of the mac: hash, uuid. */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "mask/mask_kinds.h"

enum
{
    UUID_BYTES = 16,
    UUID_LENGTH = 36,
    MOST_DIGITS = 2 * MASK_MAC_SIZE,
    DEFAULT_DIGITS = 16,
    UNIQUE_DIGITS = 16, /* 64 bits */
    FEW_DIGITS = 12
};

static void
append_mac_digits(PQExpBuffer out, const uint8_t *bytes, size_t n_digits)
{
    static const char digits[] = "0123456789abcdef";
    char text[MOST_DIGITS];

    for (size_t i = 0; i < n_digits; i++)
        text[i] = digits[bytes[i / 2] >> (i % 2 == 0 ? 4 : 0) & 0x0F];
    appendBinaryPQExpBuffer(out, text, n_digits);
}

/* ---- hash */

typedef struct HashArguments
{
    int n_digits;
    bool is_given; /* else as many as fit */
} HashArguments;

static bool
parse_hash(MaskSpec *spec, Arena *arena, const MaskWords *words, Diag *diag)
{
    HashArguments *hash = ARENA_ARRAY(arena, 1, HashArguments);
    int64_t number = DEFAULT_DIGITS;
    char text[16];

    hash->is_given = words->n > 0;
    if (words->n > 1 ||
        (words->n == 1 &&
         (!mask_words_read_number(words->words[0], MOST_DIGITS, &number) || number < 1)))
    {
        mask_words_reject(spec, words, diag);
        diag_set_hint(diag, "Write \"hash [N]\", where N is from 1 to %d.", MOST_DIGITS);
        return false;
    }
    hash->n_digits = (int)number;
    spec->arguments = hash;
    snprintf(text, sizeof(text), "%d", hash->n_digits);
    spec->function = arena_copy_string(arena, text);
    return true;
}

/* Digits that a column has room for. */
static int
fit_digits(const HashArguments *hash, const MaskTarget *target)
{
    if (target->type == MASK_TYPE_TEXT && target->max_length > 0 && !hash->is_given &&
        target->max_length < hash->n_digits)
        return target->max_length;
    return hash->n_digits;
}

static MaskUniqueness
get_hash_uniqueness(const MaskSpec *spec, const MaskTarget *target)
{
    return fit_digits(spec->arguments, target) >= UNIQUE_DIGITS ? MASK_UNIQUE
                                                                : MASK_NOT_UNIQUE;
}

static const char *
get_hash_note(const MaskSpec *spec, const MaskTarget *target)
{
    return fit_digits(spec->arguments, target) < FEW_DIGITS
               ? "with fewer than 12 digits, different values may get one mask"
               : NULL;
}

static bool
prepare_hash(Masker *masker, Arena *arena, Diag *diag)
{
    const HashArguments *hash = masker->spec->arguments;
    const MaskTarget *target = &masker->target;
    int *n_digits = ARENA_ARRAY(arena, 1, int);

    *n_digits = fit_digits(hash, target);
    masker->state = n_digits;
    if (target->type == MASK_TYPE_BYTEA && *n_digits % 2 != 0)
        diag_set_message(diag, "mask \"hash\" of bytes needs an even number of digits");
    else if (target->type == MASK_TYPE_TEXT && target->max_length > 0 &&
             *n_digits > target->max_length)
        diag_set_message(diag,
                         "mask \"hash\" with %d digits is longer than %d characters",
                         *n_digits, target->max_length);
    else
        return true;
    return false;
}

static MaskResult
apply_hash(Masker *masker, const MaskInput *input, PQExpBuffer out, const char **problem)
{
    const int *n_digits = masker->state;
    uint8_t mac[MASK_MAC_SIZE];

    (void)problem;
    mask_mac_compute(masker->mac, input->canonical.text, input->canonical.length, mac);
    if (masker->target.type == MASK_TYPE_BYTEA)
        appendPQExpBufferStr(out, "\\x");
    append_mac_digits(out, mac, (size_t)*n_digits);
    return MASK_DONE;
}

const MaskKind mask_digest_hash = {
    .name = "hash",
    .arguments = "[N]",
    .description = "N hexadecimal digits, 16 by default, fewer in shorter columns",
    .example = "A-4711",
    .types = MASK_TYPE_BIT(MASK_TYPE_TEXT) | MASK_TYPE_BIT(MASK_TYPE_BYTEA),
    .uniqueness = MASK_UNIQUE,
    .parse = parse_hash,
    .get_uniqueness = get_hash_uniqueness,
    .get_note = get_hash_note,
    .prepare = prepare_hash,
    .apply = apply_hash,
};

/* ---- uuid */

static bool
prepare_uuid(Masker *masker, Arena *arena, Diag *diag)
{
    const MaskTarget *target = &masker->target;

    (void)arena;
    if (target->type != MASK_TYPE_TEXT || target->max_length == 0 ||
        target->max_length >= UUID_LENGTH)
        return true;
    diag_set_message(diag, "mask \"uuid\" is longer than %d characters",
                     target->max_length);
    return false;
}

/* Version 4, variant 1 (RFC 4122), as random ones are. */
static MaskResult
apply_uuid(Masker *masker, const MaskInput *input, PQExpBuffer out, const char **problem)
{
    uint8_t mac[MASK_MAC_SIZE];

    (void)problem;
    mask_mac_compute(masker->mac, input->canonical.text, input->canonical.length, mac);
    mac[6] = (uint8_t)((mac[6] & 0x0F) | 0x40);
    mac[8] = (uint8_t)((mac[8] & 0x3F) | 0x80);
    append_mac_digits(out, mac, 8);
    for (size_t i = 4; i <= 8; i += 2)
    {
        appendPQExpBufferChar(out, '-');
        append_mac_digits(out, mac + i, 4);
    }
    appendPQExpBufferChar(out, '-');
    append_mac_digits(out, mac + 10, 12);
    return MASK_DONE;
}

const MaskKind mask_digest_uuid = {
    .name = "uuid",
    .arguments = "",
    .description = "A UUID of version 4",
    .example = "018f3b6e-5f0a-7c31-9a2b-4d5e6f708192",
    .types = MASK_TYPE_BIT(MASK_TYPE_UUID) | MASK_TYPE_BIT(MASK_TYPE_TEXT),
    .uniqueness = MASK_UNIQUE,
    .prepare = prepare_uuid,
    .apply = apply_uuid,
};
