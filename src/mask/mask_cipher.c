#include "mask/mask_cipher.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "mask/mask_bits.h"

enum
{
    DERIVED_KEY_SIZE = 16
};

typedef uint64_t WordPair __attribute__((vector_size(MASK_CIPHER_BLOCK)));

struct MaskCipher
{
    EVP_CIPHER_CTX *context;
};

static const EVP_CIPHER *
get_aes(size_t key_length)
{
    if (key_length == 16)
        return EVP_aes_128_ecb();
    return key_length == 24 ? EVP_aes_192_ecb() : EVP_aes_256_ecb();
}

MaskCipher *
mask_cipher_new_of_bytes(const uint8_t *bytes, size_t length)
{
    MaskCipher *cipher = mem_alloc(sizeof(*cipher));

    cipher->context = EVP_CIPHER_CTX_new();
    if (cipher->context == NULL ||
        EVP_EncryptInit_ex(cipher->context, get_aes(length), NULL, bytes, NULL) != 1 ||
        EVP_CIPHER_CTX_set_padding(cipher->context, 0) != 1)
        mem_die();
    return cipher;
}

MaskCipher *
mask_cipher_new(MaskKey *key, const char *kind, const char *domain)
{
    uint8_t derived[MASK_MAC_SIZE];
    MaskCipher *cipher;

    mask_mac_derive(key, "cipher", kind, domain, derived);
    cipher = mask_cipher_new_of_bytes(derived, DERIVED_KEY_SIZE);
    OPENSSL_cleanse(derived, sizeof(derived));
    return cipher;
}

void
mask_cipher_free(MaskCipher *cipher)
{
    if (cipher == NULL)
        return;
    EVP_CIPHER_CTX_free(cipher->context);
    free(cipher);
}

void
mask_cipher_encrypt(MaskCipher *cipher, const uint8_t *in, uint8_t *out, size_t n_blocks)
{
    int length;

    if (EVP_EncryptUpdate(cipher->context, out, &length, in,
                          (int)(n_blocks * MASK_CIPHER_BLOCK)) != 1)
        mem_die();
}

/* As mask_bits_put() would; of a number in a register. */
static uint64_t
order_bytes(uint64_t word)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return __builtin_bswap64(word);
#else
    return word;
#endif
}

static inline void
order_words(MaskBlock *blocks, size_t n)
{
    for (size_t i = 0; i < n; i++)
    {
        WordPair pair = {order_bytes(blocks[i].words[0]),
                         order_bytes(blocks[i].words[1])};

        memcpy(&blocks[i], &pair, sizeof(pair));
    }
}

/*
 * Both words of a block are stored at once: what has just been written in two pieces can
 * be read as one block only when both have left the store buffer, which takes as long as
 * AES.
 */
void
mask_cipher_encrypt_words(MaskCipher *cipher, MaskBlock *blocks, size_t n)
{
    order_words(blocks, n);
    mask_cipher_encrypt(cipher, (const uint8_t *)blocks, (uint8_t *)blocks, n);
    order_words(blocks, n);
}

void
mask_cipher_chain(MaskCipher *cipher, uint8_t state[MASK_CIPHER_BLOCK],
                  const uint8_t *blocks, size_t n_blocks)
{
    for (size_t i = 0; i < n_blocks; i++)
    {
        for (size_t j = 0; j < MASK_CIPHER_BLOCK; j++)
            state[j] ^= blocks[i * MASK_CIPHER_BLOCK + j];
        mask_cipher_encrypt(cipher, state, state, 1);
    }
}
