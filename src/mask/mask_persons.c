/*
 * Masks that make persons. Values are put together from the lists and, where they must be
 * unique, from 64 bits or more of the mac. Empty values stay empty. What does not fit
 * into varchar(n) is shortened in a way that depends on n alone.
 */
#include <string.h>

#include "mask/mask_ascii.h"
#include "mask/mask_kinds.h"
#include "mask/mask_lists.h"

enum
{
    CODE_LENGTH = 13,      /* 65 bits */
    CODE_BEHIND_NAME = 11, /* 55 bits, and 12 of the name */
    SHORTEST_CODE = 8,     /* where values need not be unique */
    NUMBER_LENGTH = 20,    /* 64 bits in decimal */
    LONGEST_DOMAIN = 190,  /* so that an address has at most 254 characters */
    MOST_WORDS = 8,
    BUFFER_SIZE = 512
};

static const char default_domain[] = "example.com";

/* Where in the mac what comes from. */
enum
{
    FIRST_NAME_AT = 0,
    LAST_NAME_AT = 2,
    CODE_AT = 4,
    MORE_NAMES_AT = 16
};

static size_t
get_room(const MaskTarget *target)
{
    return target != NULL && target->max_length > 0 ? (size_t)target->max_length
                                                    : (size_t)-1;
}

static void
lower_ascii(char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        text[i] = mask_ascii_to_lower(text[i]);
}

/* False, with an error, unless the column has room for so many characters. */
static bool
check_room(const Masker *masker, size_t needed, Diag *diag)
{
    if (get_room(&masker->target) >= needed)
        return true;
    diag_set_message(diag, "mask \"%s\" does not fit into %d characters",
                     masker->spec->text, masker->target.max_length);
    diag_set_hint(diag, "It needs %zu characters.", needed);
    return false;
}

/* ---- email */

static const char *
get_domain(const MaskSpec *spec)
{
    return spec->arguments != NULL ? spec->arguments : default_domain;
}

static bool
is_domain(const char *text)
{
    size_t length = strlen(text);

    if (length == 0 || length > LONGEST_DOMAIN)
        return false;
    for (size_t i = 0; i < length; i++)
    {
        bool is_end =
            i == 0 || i + 1 == length || text[i - 1] == '.' || text[i + 1] == '.';

        if (!mask_ascii_is_alnum(text[i]) &&
            (is_end || (text[i] != '.' && text[i] != '-')))
            return false;
    }
    return true;
}

static bool
parse_email(MaskSpec *spec, Arena *arena, const MaskWords *words, Diag *diag)
{
    char *domain;

    if (words->n > 1)
        return mask_words_reject(spec,
                                 &(MaskWords){.words = words->words + 1,
                                              .is_quoted = words->is_quoted + 1,
                                              .n = words->n - 1},
                                 diag);
    domain = arena_copy_string(arena, words->n > 0 ? words->words[0] : default_domain);
    if (!is_domain(domain))
    {
        diag_set_message(diag, "\"%s\" is not the domain of an e-mail address", domain);
        diag_set_hint(diag, "Write it like \"email example.org\".");
        return false;
    }
    lower_ascii(domain, strlen(domain));
    spec->arguments = domain;
    spec->function = domain;
    return true;
}

/* Characters that are left for what is before the @. */
static size_t
get_local_room(const MaskSpec *spec, const MaskTarget *target)
{
    size_t room = get_room(target);
    size_t taken = strlen(get_domain(spec)) + 1;

    return room > taken ? room - taken : 0;
}

static MaskUniqueness
get_email_uniqueness(const MaskSpec *spec, const MaskTarget *target)
{
    return get_local_room(spec, target) >= CODE_LENGTH ? MASK_UNIQUE : MASK_NOT_UNIQUE;
}

typedef struct EmailState
{
    size_t room; /* before the @ */
    size_t code_length;
    size_t end_length;
    char end[LONGEST_DOMAIN + 2]; /* "@example.com" */
} EmailState;

static bool
prepare_email(Masker *masker, Arena *arena, Diag *diag)
{
    EmailState *state = arena_alloc(arena, sizeof(*state));

    state->end[0] = '@';
    state->end_length = 1 + strlen(get_domain(masker->spec));
    memcpy(state->end + 1, get_domain(masker->spec), state->end_length - 1);
    state->room = get_local_room(masker->spec, &masker->target);
    state->code_length = state->room < CODE_LENGTH ? state->room : CODE_LENGTH;
    masker->state = state;
    return check_room(masker, SHORTEST_CODE + state->end_length, diag);
}

/* Puts names before a code, a point behind each: those that there is room for. */
static size_t
put_names(char *out, const uint8_t *mac, size_t room)
{
    char first[MASK_LISTS_MAX];
    char last[MASK_LISTS_MAX];
    size_t n_first =
        mask_lists_put_first_name(first, mask_ascii_get_bits(mac + FIRST_NAME_AT));
    size_t n_last =
        mask_lists_put_last_name(last, mask_ascii_get_bits(mac + LAST_NAME_AT));
    size_t n = 0;

    if (n_first + n_last + 2 <= room)
    {
        memcpy(out, first, n_first);
        out[n_first] = '.';
        n = n_first + 1;
    }
    if (n_last + 1 <= room)
    {
        memcpy(out + n, last, n_last);
        n += n_last;
        out[n++] = '.';
    }
    lower_ascii(out, n);
    return n;
}

static MaskResult
apply_email(Masker *masker, const MaskInput *input, PQExpBuffer out, const char **problem)
{
    const EmailState *state = masker->state;
    uint8_t mac[MASK_MAC_SIZE];
    char text[BUFFER_SIZE];
    size_t n;

    (void)problem;
    if (input->canonical.length == 0)
        return MASK_DONE;
    mask_mac_compute(masker->mac, input->canonical.text, input->canonical.length, mac);
    n = put_names(text, mac, state->room - state->code_length);
    mask_lists_put_code(text + n, mac + CODE_AT, state->code_length);
    n += state->code_length;
    memcpy(text + n, state->end, state->end_length);
    appendBinaryPQExpBuffer(out, text, n + state->end_length);
    return MASK_DONE;
}

const MaskKind mask_persons_email = {
    .name = "email",
    .arguments = "[DOMAIN]",
    .description =
        "An e-mail address of example.com or that domain, unique by a code of 65 "
        "bits; names before it where the column has room",
    .example = "ann.smith@company.com",
    .types = MASK_TYPE_BIT(MASK_TYPE_TEXT),
    .uniqueness = MASK_UNIQUE,
    .parse = parse_email,
    .get_uniqueness = get_email_uniqueness,
    .prepare = prepare_email,
    .apply = apply_email,
};

/* ---- user_name */

static MaskUniqueness
get_user_name_uniqueness(const MaskSpec *spec, const MaskTarget *target)
{
    (void)spec;
    return get_room(target) >= CODE_LENGTH ? MASK_UNIQUE : MASK_NOT_UNIQUE;
}

static bool
prepare_user_name(Masker *masker, Arena *arena, Diag *diag)
{
    (void)arena;
    return check_room(masker, SHORTEST_CODE, diag);
}

static MaskResult
apply_user_name(Masker *masker, const MaskInput *input, PQExpBuffer out,
                const char **problem)
{
    size_t room = get_room(&masker->target);
    uint8_t mac[MASK_MAC_SIZE];
    char text[MASK_LISTS_MAX + CODE_LENGTH];
    size_t n;
    size_t code_length = CODE_BEHIND_NAME;

    (void)problem;
    if (input->canonical.length == 0)
        return MASK_DONE;
    mask_mac_compute(masker->mac, input->canonical.text, input->canonical.length, mac);
    n = mask_lists_put_last_name(text, mask_ascii_get_bits(mac + LAST_NAME_AT));
    lower_ascii(text, n);
    if (n + CODE_BEHIND_NAME > room)
    {
        n = 0;
        code_length = room < CODE_LENGTH ? room : CODE_LENGTH;
    }
    mask_lists_put_code(text + n, mac + CODE_AT, code_length);
    appendBinaryPQExpBuffer(out, text, n + code_length);
    return MASK_DONE;
}

const MaskKind mask_persons_user_name = {
    .name = "user_name",
    .arguments = "",
    .description = "A lower-case name with a code behind it",
    .example = "asmith",
    .types = MASK_TYPE_BIT(MASK_TYPE_TEXT),
    .uniqueness = MASK_UNIQUE,
    .get_uniqueness = get_user_name_uniqueness,
    .prepare = prepare_user_name,
    .apply = apply_user_name,
};

/* ---- first_name, last_name */

static MaskResult
append_listed(Masker *masker, const MaskInput *input, PQExpBuffer out,
              size_t (*put)(char *, unsigned), size_t at)
{
    size_t room = get_room(&masker->target);
    uint8_t mac[MASK_MAC_SIZE];
    char text[MASK_LISTS_MAX];
    size_t n;

    if (input->canonical.length == 0)
        return MASK_DONE;
    mask_mac_compute(masker->mac, input->canonical.text, input->canonical.length, mac);
    n = put(text, mask_ascii_get_bits(mac + at));
    appendBinaryPQExpBuffer(out, text, n < room ? n : room);
    return MASK_DONE;
}

static MaskResult
apply_first_name(Masker *masker, const MaskInput *input, PQExpBuffer out,
                 const char **problem)
{
    (void)problem;
    return append_listed(masker, input, out, mask_lists_put_first_name, FIRST_NAME_AT);
}

static MaskResult
apply_last_name(Masker *masker, const MaskInput *input, PQExpBuffer out,
                const char **problem)
{
    (void)problem;
    return append_listed(masker, input, out, mask_lists_put_last_name, LAST_NAME_AT);
}

const MaskKind mask_persons_first_name = {
    .name = "first_name",
    .arguments = "",
    .description = "One of 1,024 first names",
    .example = "Ann",
    .types = MASK_TYPE_BIT(MASK_TYPE_TEXT),
    .uniqueness = MASK_NOT_UNIQUE,
    .apply = apply_first_name,
};

const MaskKind mask_persons_last_name = {
    .name = "last_name",
    .arguments = "",
    .description = "One of 4,096 last names made of syllables",
    .example = "Smith",
    .types = MASK_TYPE_BIT(MASK_TYPE_TEXT),
    .uniqueness = MASK_NOT_UNIQUE,
    .apply = apply_last_name,
};

/* ---- name */

static bool
is_unique_name(const MaskSpec *spec)
{
    return spec->arguments != NULL;
}

static bool
parse_name(MaskSpec *spec, Arena *arena, const MaskWords *words, Diag *diag)
{
    (void)arena;
    if (words->n == 0)
        return true;
    if (words->n > 1 || strcmp(words->words[0], "unique") != 0)
        return mask_words_reject(spec, words, diag);
    spec->arguments = "unique";
    return true;
}

static MaskUniqueness
get_name_uniqueness(const MaskSpec *spec, const MaskTarget *target)
{
    return is_unique_name(spec) && get_room(target) >= NUMBER_LENGTH ? MASK_UNIQUE
                                                                     : MASK_NOT_UNIQUE;
}

static bool
prepare_name(Masker *masker, Arena *arena, Diag *diag)
{
    (void)arena;
    return !is_unique_name(masker->spec) || check_room(masker, NUMBER_LENGTH, diag);
}

/* Counts words up to MOST_WORDS; "Smith, Ann" begins with the last name. */
static int
count_words(const MaskValue *value, bool *begins_with_last)
{
    bool is_inside = false;
    int n = 0;

    *begins_with_last = false;
    for (size_t i = 0; i < value->length && n <= MOST_WORDS; i++)
    {
        bool is_blank = mask_ascii_is_blank(value->text[i]);

        if (is_blank && is_inside && n == 1 && value->text[i - 1] == ',')
            *begins_with_last = true;
        if (!is_blank && !is_inside)
            n++;
        is_inside = !is_blank;
    }
    *begins_with_last = *begins_with_last && n > 1;
    return n < MOST_WORDS ? n : MOST_WORDS;
}

/* All words but the last, or the first before a comma, are first names. */
static size_t
put_name(char *out, const MaskValue *value, const uint8_t *mac)
{
    bool begins_with_last;
    int n_words = count_words(value, &begins_with_last);
    int last = begins_with_last ? 0 : n_words - 1;
    size_t n = 0;

    for (int i = 0; i < n_words; i++)
    {
        const uint8_t *bits =
            mac + (i == 0 ? FIRST_NAME_AT : MORE_NAMES_AT + 2 * (i - 1));

        if (i > 0)
            out[n++] = ' ';
        if (i == last && n_words > 1)
            n += mask_lists_put_last_name(out + n,
                                          mask_ascii_get_bits(mac + LAST_NAME_AT));
        else
            n += mask_lists_put_first_name(out + n, mask_ascii_get_bits(bits));
        if (begins_with_last && i == 0)
            out[n++] = ',';
    }
    return n;
}

/* In decimal; 64 bits. */
static size_t
put_number(char *out, const uint8_t *bytes)
{
    char digits[NUMBER_LENGTH];
    size_t n = 0;
    uint64_t number = 0;

    for (int i = 0; i < 8; i++)
        number = number << 8 | bytes[i];
    do
    {
        digits[n++] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    for (size_t i = 0; i < n; i++)
        out[i] = digits[n - 1 - i];
    return n;
}

static MaskResult
apply_name(Masker *masker, const MaskInput *input, PQExpBuffer out, const char **problem)
{
    size_t room = get_room(&masker->target);
    uint8_t mac[MASK_MAC_SIZE];
    char text[BUFFER_SIZE];
    char number[NUMBER_LENGTH];
    size_t n;
    size_t n_digits;

    (void)problem;
    if (input->canonical.length == 0)
        return MASK_DONE;
    mask_mac_compute(masker->mac, input->canonical.text, input->canonical.length, mac);
    n = put_name(text, &input->canonical, mac);
    if (is_unique_name(masker->spec))
    {
        n_digits = put_number(number, mac + CODE_AT);
        n = n + 1 + n_digits <= room ? n : 0;
        if (n > 0)
            text[n++] = ' ';
        memcpy(text + n, number, n_digits);
        n += n_digits;
    }
    n = n < room ? n : room;
    while (n > 0 && text[n - 1] == ' ')
        n--;
    appendBinaryPQExpBuffer(out, text, n);
    return MASK_DONE;
}

const MaskKind mask_persons_name = {
    .name = "name",
    .arguments = "[unique]",
    .description =
        "First names and a last name, as many words as the value has; \"unique\" "
        "appends a number of 64 bits",
    .example = "Ann Smith",
    .types = MASK_TYPE_BIT(MASK_TYPE_TEXT),
    .uniqueness = MASK_NOT_UNIQUE,
    .parse = parse_name,
    .get_uniqueness = get_name_uniqueness,
    .prepare = prepare_name,
    .apply = apply_name,
};
