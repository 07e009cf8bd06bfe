/*
 * Addresses of network cards: the address becomes a locally administered one, which no
 * maker has given out. All other bits, but the one of groups, which stays, are permuted
 * as a number; so addresses that makers gave out stay different.
 */
#include "mask/mask_kinds.h"
#include "mask/permutation.h"

enum
{
    GROUP_BIT = 1, /* of the first byte */
    LOCAL_BIT = 2,
    N_OTHER_BITS = 2
};

static const char hex_digits[] = "0123456789abcdef";

typedef struct MacaddrState
{
    MaskCipher *cipher;
    Permutation permutation;
} MacaddrState;

static bool
prepare_macaddr(Masker *masker, Arena *arena, Diag *diag)
{
    MacaddrState *state = ARENA_ARRAY(arena, 1, MacaddrState);
    const MaskSpec *spec = masker->spec;
    int n_bits = masker->target.size * 8 - N_OTHER_BITS;

    (void)diag;
    state->cipher = mask_cipher_new(masker->key, spec->kind->name, spec->function);
    permutation_init(&state->permutation, state->cipher, UINT64_C(1) << n_bits, NULL, 0);
    masker->state = state;
    return true;
}

static void
release_macaddr(Masker *masker)
{
    MacaddrState *state = masker->state;

    if (state != NULL)
        mask_cipher_free(state->cipher);
}

/* -1: it is none. */
static int
read_hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/*
 * "08:00:2b:01:02:03", as the server writes it, or "08-00-2B-01-02-03", as others do, in
 * json; false if it is none of size bytes.
 */
static bool
read_macaddr(MaskValue text, int size, uint64_t *address)
{
    *address = 0;
    if (text.length != (size_t)size * 3 - 1 ||
        (text.text[2] != ':' && text.text[2] != '-'))
        return false;
    for (size_t i = 0; i < text.length; i++)
    {
        int digit = read_hex_digit(text.text[i]);

        if (i % 3 == 2 ? text.text[i] != text.text[2] : digit < 0)
            return false;
        if (i % 3 != 2)
            *address = *address << 4 | (uint64_t)digit;
    }
    return true;
}

static void
append_macaddr(PQExpBuffer out, uint64_t address, int size)
{
    char text[3 * sizeof(address)];
    size_t length = 0;

    for (int i = size - 1; i >= 0; i--)
    {
        text[length++] = hex_digits[address >> (8 * i + 4) & 0x0F];
        text[length++] = hex_digits[address >> 8 * i & 0x0F];
        text[length++] = ':';
    }
    appendBinaryPQExpBuffer(out, text, length - 1);
}

/* The two bits are the lowest of the first byte. */
static uint64_t
mask_macaddr_number(MacaddrState *state, uint64_t address, int size)
{
    int shift = 8 * (size - 1);
    uint64_t low = address & ((UINT64_C(1) << shift) - 1);
    uint64_t flags = address >> shift & GROUP_BIT;
    uint64_t high = address >> (shift + N_OTHER_BITS);
    uint64_t number = high << shift | low;

    permutation_apply(&state->permutation, &number, 1);
    high = number >> shift << N_OTHER_BITS | LOCAL_BIT | flags;
    return high << shift | (number & ((UINT64_C(1) << shift) - 1));
}

static MaskResult
apply_macaddr(Masker *masker, const MaskInput *input, PQExpBuffer out,
              const char **problem)
{
    int size = masker->target.size;
    uint64_t address;

    if (!read_macaddr(input->canonical, size, &address))
    {
        *problem = "is no address of that type";
        return MASK_REFUSED;
    }
    if (masker->target.is_unique && (address >> (8 * (size - 1)) & LOCAL_BIT) != 0)
    {
        *problem = "is locally administered, so its mask could be that of another value";
        return MASK_REFUSED;
    }
    append_macaddr(out, mask_macaddr_number(masker->state, address, size), size);
    return MASK_DONE;
}

const MaskKind mask_macaddr_mac = {
    .name = "mac",
    .arguments = "",
    .description = "A locally administered address",
    .example = "08:00:2b:01:02:03",
    .types = MASK_TYPE_BIT(MASK_TYPE_MACADDR),
    .uniqueness = MASK_INJECTIVE,
    .prepare = prepare_macaddr,
    .apply = apply_macaddr,
    .release = release_macaddr,
};
