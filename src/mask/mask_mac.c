/*
 * HMAC-SHA256 (RFC 2104) of many short values with one key. What comes first in both of
 * its hashes is the same for all values: the padded key, and inside of it kind and
 * domain. So two contexts are prepared that have taken it in, and copied for each value;
 * this is an order of magnitude faster than to let the library begin again, which fetches
 * the algorithm and hashes the padded key again each time.
 */
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "mask/mask_internal.h"

enum
{
    BLOCK_SIZE = 64, /* of SHA-256 */
    INNER_PAD = 0x36,
    OUTER_PAD = 0x5c
};

struct MaskMac
{
    EVP_MD_CTX *inner; /* has taken in the key, kind and domain */
    EVP_MD_CTX *outer; /* has taken in the key */
    EVP_MD_CTX *work;
};

/* A wrong mask is worse than none: where the library fails, memory is what it lacks. */
static void
check_done(int result)
{
    if (result != 1)
        mem_die();
}

static EVP_MD_CTX *
make_context(void)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();

    if (context == NULL)
        mem_die();
    return context;
}

static MaskMac *
make_mac(void)
{
    MaskMac *mac = mem_alloc(sizeof(*mac));

    *mac = (MaskMac){make_context(), make_context(), make_context()};
    return mac;
}

static void
take_in_padded(EVP_MD_CTX *context, const uint8_t block[BLOCK_SIZE], uint8_t pad)
{
    uint8_t padded[BLOCK_SIZE];

    for (size_t i = 0; i < BLOCK_SIZE; i++)
        padded[i] = block[i] ^ pad;
    check_done(EVP_DigestInit_ex(context, EVP_sha256(), NULL));
    check_done(EVP_DigestUpdate(context, padded, BLOCK_SIZE));
    OPENSSL_cleanse(padded, sizeof(padded));
}

/* A key that is longer than a block is replaced by its hash. */
static void
fill_block(uint8_t block[BLOCK_SIZE], const void *bytes, size_t length)
{
    memset(block, 0, BLOCK_SIZE);
    if (length > BLOCK_SIZE)
        check_done(EVP_Digest(bytes, length, block, NULL, EVP_sha256(), NULL));
    else if (length > 0)
        memcpy(block, bytes, length);
}

MaskMac *
mask_mac_new_of_bytes(const void *bytes, size_t length)
{
    MaskMac *mac = make_mac();
    uint8_t block[BLOCK_SIZE];

    fill_block(block, bytes, length);
    take_in_padded(mac->inner, block, INNER_PAD);
    take_in_padded(mac->outer, block, OUTER_PAD);
    OPENSSL_cleanse(block, sizeof(block));
    return mac;
}

MaskMac *
mask_mac_new(MaskKey *key, const char *kind, const char *domain)
{
    MaskMac *mac = make_mac();

    check_done(EVP_MD_CTX_copy_ex(mac->inner, key->mac->inner));
    check_done(EVP_MD_CTX_copy_ex(mac->outer, key->mac->outer));
    if (kind != NULL)
    {
        check_done(EVP_DigestUpdate(mac->inner, kind, strlen(kind) + 1));
        check_done(EVP_DigestUpdate(mac->inner, domain, strlen(domain) + 1));
    }
    return mac;
}

void
mask_mac_free(MaskMac *mac)
{
    if (mac == NULL)
        return;
    EVP_MD_CTX_free(mac->inner);
    EVP_MD_CTX_free(mac->outer);
    EVP_MD_CTX_free(mac->work);
    free(mac);
}

void
mask_mac_compute(MaskMac *mac, const void *value, size_t length,
                 uint8_t digest[MASK_MAC_SIZE])
{
    check_done(EVP_MD_CTX_copy_ex(mac->work, mac->inner));
    check_done(EVP_DigestUpdate(mac->work, value, length));
    check_done(EVP_DigestFinal_ex(mac->work, digest, NULL));
    check_done(EVP_MD_CTX_copy_ex(mac->work, mac->outer));
    check_done(EVP_DigestUpdate(mac->work, digest, MASK_MAC_SIZE));
    check_done(EVP_DigestFinal_ex(mac->work, digest, NULL));
}

/* Names of kinds have no blank in them, so no mac of a value can be a derived key. */
void
mask_mac_derive(MaskKey *key, const char *purpose, const char *kind, const char *domain,
                uint8_t derived[MASK_MAC_SIZE])
{
    MaskMac *mac = mask_mac_new(key, "pg-sample key", purpose);

    check_done(EVP_DigestUpdate(mac->inner, kind, strlen(kind) + 1));
    mask_mac_compute(mac, domain, strlen(domain), derived);
    mask_mac_free(mac);
}
