/*
 * Addresses of the Internet Protocol. "ip" keeps the first 16 bits, of version 6 the
 * first 48, and takes the others from the mac; so what is private stays so.
 *
 * "ip prefix" keeps prefixes equal, in the way of Crypto-PAn (Xu, Fan, Ammar and Moon,
 * 2002): each bit is flipped or not by a random function of the bits before it, as they
 * were. So two addresses have as many first bits in common as before, and different ones
 * stay different. Where Crypto-PAn encrypts a block for each bit, here a block decides on
 * seven: its 127 last bits are the flips of the inner nodes of a tree of that height, and
 * the bits walk down from its root. A block's input is the bits before, a one, and zeros,
 * so no two nodes of different heights share one. All inputs are known at first, and are
 * encrypted at once.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mask/mask_cipher.h"
#include "mask/mask_decimal.h"
#include "mask/mask_kinds.h"

enum
{
    BITS_A_BLOCK = 7,
    MOST_ADDRESS_BYTES = 16,
    MOST_BLOCKS = (8 * MOST_ADDRESS_BYTES + BITS_A_BLOCK - 1) / BITS_A_BLOCK,
    MOST_ADDRESS_TEXT = 64,
    KEPT_BITS_V4 = 16,
    KEPT_BITS_V6 = 48,
    MAPPED_BITS = 96 /* before an address of version 4 in one of version 6 */
};

typedef struct IpAddress
{
    int family;
    size_t n_bytes;
    uint8_t bytes[MOST_ADDRESS_BYTES];
    int n_mask_bits; /* behind the slash; -1: there is none */
} IpAddress;

/* Ciphers for versions 4 and 6, of ip prefix alone. */
typedef struct IpState
{
    MaskCipher *v4;
    MaskCipher *v6;
} IpState;

/* ---- texts */

static bool
read_address(MaskValue text, IpAddress *address)
{
    char copy[MOST_ADDRESS_TEXT];
    char *slash;
    int64_t n_bits = -1;

    if (text.length >= sizeof(copy) || memchr(text.text, '\0', text.length) != NULL)
        return false;
    memcpy(copy, text.text, text.length);
    copy[text.length] = '\0';
    slash = strchr(copy, '/');
    if (slash != NULL)
        *slash = '\0';
    memset(address, 0, sizeof(*address));
    address->family = strchr(copy, ':') != NULL ? AF_INET6 : AF_INET;
    address->n_bytes = address->family == AF_INET6 ? 16 : 4;
    if (inet_pton(address->family, copy, address->bytes) != 1)
        return false;
    if (slash != NULL &&
        !mask_words_read_number(slash + 1, (int64_t)address->n_bytes * 8, &n_bits))
        return false;
    address->n_mask_bits = (int)n_bits;
    return true;
}

static void
append_dotted(PQExpBuffer out, const uint8_t bytes[4])
{
    for (int i = 0; i < 4; i++)
    {
        if (i > 0)
            appendPQExpBufferChar(out, '.');
        mask_decimal_append_number(out, bytes[i], 1);
    }
}

static void
append_address(PQExpBuffer out, const IpAddress *address)
{
    char text[MOST_ADDRESS_TEXT];

    if (address->family == AF_INET)
        append_dotted(out, address->bytes);
    else if (inet_ntop(address->family, address->bytes, text, sizeof(text)) == NULL)
        abort(); /* there is room for any address */
    else
        appendPQExpBufferStr(out, text);
    if (address->n_mask_bits >= 0)
    {
        appendPQExpBufferChar(out, '/');
        mask_decimal_append_number(out, (uint64_t)address->n_mask_bits, 1);
    }
}

/* The bits behind those of a network's mask, which a network has none of. */
static void
clear_host(IpAddress *address)
{
    for (int i = address->n_mask_bits; i >= 0 && i < (int)address->n_bytes * 8; i++)
        address->bytes[i / 8] &= (uint8_t) ~(0x80 >> i % 8);
}

/* ---- ip */

static bool
is_mapped(const IpAddress *address)
{
    static const uint8_t mapped[] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

    return address->family == AF_INET6 &&
           memcmp(address->bytes, mapped, sizeof(mapped)) == 0;
}

/* Of no interface, or of the machine itself: they say nothing. */
static bool
is_local_address(const IpAddress *address)
{
    static const uint8_t zeros[MOST_ADDRESS_BYTES - 1] = {0};
    static const uint8_t loopback[] = {127, 0, 0, 1};
    size_t last = address->n_bytes - 1;

    if (address->family == AF_INET && memcmp(address->bytes, loopback, 4) == 0)
        return true;
    return memcmp(address->bytes, zeros, last) == 0 &&
           address->bytes[last] <= (address->family == AF_INET6 ? 1 : 0);
}

static void
mask_rest(IpAddress *address, const uint8_t mac[MASK_MAC_SIZE])
{
    size_t kept = address->family == AF_INET ? KEPT_BITS_V4 / 8 : KEPT_BITS_V6 / 8;

    if (is_mapped(address))
        kept = (MAPPED_BITS + KEPT_BITS_V4) / 8;
    memcpy(address->bytes + kept, mac, address->n_bytes - kept);
}

/* A text that is no address becomes a private one. */
static void
make_private(IpAddress *address, const uint8_t mac[MASK_MAC_SIZE])
{
    *address = (IpAddress){.family = AF_INET, .n_bytes = 4, .n_mask_bits = -1};
    address->bytes[0] = 10;
    memcpy(address->bytes + 1, mac, 3);
}

static void
mask_address(Masker *masker, MaskValue text, IpAddress *address)
{
    uint8_t mac[MASK_MAC_SIZE];
    bool is_address = read_address(text, address);

    mask_mac_compute(masker->mac, text.text, text.length, mac);
    if (!is_address)
        make_private(address, mac);
    else if (!is_local_address(address))
        mask_rest(address, mac);
}

/* ---- ip prefix */

static bool
get_bit(const uint8_t *bytes, size_t i)
{
    return (bytes[i / 8] >> (7 - i % 8) & 1) != 0;
}

/* The bits before the one of that number, and a one; the block has zeros so far. */
static void
fill_prefix_block(uint8_t block[MASK_CIPHER_BLOCK], const uint8_t *bytes, size_t n_bits)
{
    memcpy(block, bytes, n_bits / 8);
    if (n_bits % 8 > 0)
        block[n_bits / 8] = bytes[n_bits / 8] & (uint8_t)(0xFF00 >> n_bits % 8);
    block[n_bits / 8] |= (uint8_t)(0x80 >> n_bits % 8);
}

/*
 * Node 1 is the root, and those below node i are 2i and 2i + 1. The bits are as they were
 * in raw, and become those of bytes.
 */
static void
flip_bits(const uint8_t *raw, uint8_t *bytes, size_t first, size_t end,
          const uint8_t *flips)
{
    size_t node = 1;

    for (size_t i = first; i < end; i++)
    {
        bytes[i / 8] ^= (uint8_t)(get_bit(flips, node) << (7 - i % 8));
        node = 2 * node + get_bit(raw, i);
    }
}

static void
mask_prefixes(IpState *state, IpAddress *address)
{
    uint8_t blocks[MOST_BLOCKS * MASK_CIPHER_BLOCK] = {0};
    uint8_t flips[MOST_BLOCKS * MASK_CIPHER_BLOCK];
    uint8_t raw[MOST_ADDRESS_BYTES];
    size_t n_bits = address->n_bytes * 8;
    size_t n_blocks = (n_bits + BITS_A_BLOCK - 1) / BITS_A_BLOCK;

    memcpy(raw, address->bytes, sizeof(raw));
    for (size_t i = 0; i < n_blocks; i++)
        fill_prefix_block(blocks + i * MASK_CIPHER_BLOCK, address->bytes,
                          i * BITS_A_BLOCK);
    mask_cipher_encrypt(address->family == AF_INET ? state->v4 : state->v6, blocks, flips,
                        n_blocks);
    for (size_t i = 0; i < n_blocks; i++)
    {
        size_t end = (i + 1) * BITS_A_BLOCK;

        flip_bits(raw, address->bytes, i * BITS_A_BLOCK, end < n_bits ? end : n_bits,
                  flips + i * MASK_CIPHER_BLOCK);
    }
}

/* Two texts can mean one address; where masks must differ, only the usual one will do. */
static bool
is_usual_text(Masker *masker, MaskValue text, const IpAddress *address)
{
    PQExpBuffer usual = &masker->scratch;

    if (masker->target.type != MASK_TYPE_TEXT || !masker->target.is_unique)
        return true;
    resetPQExpBuffer(usual);
    append_address(usual, address);
    return usual->len == text.length && memcmp(usual->data, text.text, text.length) == 0;
}

static bool
mask_address_prefix(Masker *masker, MaskValue text, IpAddress *address)
{
    if (!read_address(text, address) || !is_usual_text(masker, text, address))
        return false;
    mask_prefixes(masker->state, address);
    return true;
}

/* ---- the kind */

static bool
parse_ip(MaskSpec *spec, Arena *arena, const MaskWords *words, Diag *diag)
{
    bool *is_prefix = ARENA_ARRAY(arena, 1, bool);
    MaskWords rest = {words->words + 1, words->is_quoted + 1, words->n - 1};

    spec->arguments = is_prefix;
    *is_prefix = words->n > 0 && strcmp(words->words[0], "prefix") == 0;
    if (words->n == (*is_prefix ? 1 : 0))
        return true;
    return mask_words_reject(spec, *is_prefix ? &rest : words, diag);
}

static bool
has_prefix(const MaskSpec *spec)
{
    return *(const bool *)spec->arguments;
}

static MaskUniqueness
get_ip_uniqueness(const MaskSpec *spec, const MaskTarget *target)
{
    (void)target;
    return has_prefix(spec) ? MASK_INJECTIVE : MASK_NOT_UNIQUE;
}

/* A cidr can be a network without bits behind those that are kept. */
static bool
keeps_some_networks(const MaskSpec *spec, const MaskTarget *target)
{
    return target->is_cidr && !has_prefix(spec);
}

static bool
prepare_ip(Masker *masker, Arena *arena, Diag *diag)
{
    const MaskTarget *target = &masker->target;
    IpState *state = ARENA_ARRAY(arena, 1, IpState);

    masker->state = state;
    if (target->type == MASK_TYPE_TEXT && target->max_length > 0 &&
        target->max_length < INET_ADDRSTRLEN - 1)
    {
        diag_set_message(diag, "mask \"ip\" needs %d characters", INET_ADDRSTRLEN - 1);
        return false;
    }
    if (has_prefix(masker->spec))
    {
        state->v4 = mask_cipher_new(masker->key, "ip v4", masker->spec->function);
        state->v6 = mask_cipher_new(masker->key, "ip v6", masker->spec->function);
    }
    return true;
}

static void
release_ip(Masker *masker)
{
    IpState *state = masker->state;

    if (state == NULL)
        return;
    mask_cipher_free(state->v4);
    mask_cipher_free(state->v6);
}

static bool
is_address_too_long(const MaskTarget *target, size_t length)
{
    return target->type == MASK_TYPE_TEXT && target->max_length > 0 &&
           length > (size_t)target->max_length;
}

static MaskResult
apply_ip(Masker *masker, const MaskInput *input, PQExpBuffer out, const char **problem)
{
    MaskValue text = input->canonical;
    size_t start = out->len;
    IpAddress address;

    if (text.length == 0)
        return MASK_DONE;
    if (!has_prefix(masker->spec))
        mask_address(masker, text, &address);
    else if (!mask_address_prefix(masker, text, &address))
    {
        *problem = "is no IP address as the server would write it";
        return MASK_REFUSED;
    }
    if (masker->target.is_cidr)
        clear_host(&address);
    append_address(out, &address);
    if (!is_address_too_long(&masker->target, out->len - start))
        return MASK_DONE;
    out->len = start;
    out->data[start] = '\0';
    *problem = "has a mask that is longer than the column";
    return MASK_REFUSED;
}

const MaskKind mask_ip_ip = {
    .name = "ip",
    .arguments = "[prefix]",
    .description = "An address of the same network of 16 bits (48 of IPv6); with prefix, "
                   "any, but equal prefixes stay equal",
    .example = "192.168.17.4",
    .example_rule = "ip",
    .types = MASK_TYPE_BIT(MASK_TYPE_INET) | MASK_TYPE_BIT(MASK_TYPE_TEXT),
    .uniqueness = MASK_NOT_UNIQUE,
    .parse = parse_ip,
    .get_uniqueness = get_ip_uniqueness,
    .keeps_some_of = keeps_some_networks,
    .prepare = prepare_ip,
    .apply = apply_ip,
    .release = release_ip,
};
