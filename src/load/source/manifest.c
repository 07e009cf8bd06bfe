#include "load/source/manifest.h"

#include <inttypes.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum
{
    N_DIGEST = 32
};

/* ---- SHA-256 of texts */

static EVP_MD_CTX *
begin_digest(void)
{
    EVP_MD_CTX *digest = EVP_MD_CTX_new();

    if (digest == NULL || EVP_DigestInit_ex(digest, EVP_sha256(), NULL) != 1)
        mem_die();
    return digest;
}

/* With the zero at its end, so that texts do not run into each other. */
static void
digest_text(EVP_MD_CTX *digest, const char *text)
{
    if (EVP_DigestUpdate(digest, text, strlen(text) + 1) != 1)
        mem_die();
}

static void
end_digest(EVP_MD_CTX *digest, unsigned char *bytes)
{
    if (EVP_DigestFinal_ex(digest, bytes, NULL) != 1)
        mem_die();
    EVP_MD_CTX_free(digest);
}

static void
format_hex(const unsigned char *bytes, char *hex)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < N_DIGEST; i++)
    {
        hex[2 * i] = digits[bytes[i] >> 4];
        hex[2 * i + 1] = digits[bytes[i] & 0x0F];
    }
    hex[(size_t)2 * N_DIGEST] = '\0';
}

static void
end_digest_hex(EVP_MD_CTX *digest, char *hex)
{
    unsigned char bytes[N_DIGEST];

    end_digest(digest, bytes);
    format_hex(bytes, hex);
}

/* ---- files */

static void
digest_file(EVP_MD_CTX *digest, const char *path, const BytesHash *hash)
{
    const char *slash = strrchr(path, '/');
    char size[24];
    char hex[MANIFEST_HEX];

    snprintf(size, sizeof(size), "%" PRIu64, hash->size);
    format_hex(hash->sha256, hex);
    digest_text(digest, slash != NULL ? slash + 1 : path);
    digest_text(digest, size);
    digest_text(digest, hex);
}

void
manifest_make(Manifest *manifest, const BatchDirectory *directory,
              const BytesHash *hashes, const char *options)
{
    EVP_MD_CTX *digest = begin_digest();

    manifest->n_bytes = 0;
    for (size_t i = 0; i < directory->n_fragments; i++)
    {
        digest_file(digest, directory->fragments[i].path, &hashes[i]);
        manifest->n_bytes += hashes[i].size;
    }
    end_digest_hex(digest, manifest->content);
    digest = begin_digest();
    digest_text(digest, manifest->content);
    digest_text(digest, options);
    end_digest_hex(digest, manifest->whole);
}

static bool
hash_file(const BatchFragment *fragment, BytesHash *hash, Diag *diag)
{
    Bytes *bytes = bytes_open(fragment->path, &fragment->object, true, diag);
    bool is_good = bytes != NULL && bytes_finish_hash(bytes, hash, diag);

    bytes_close(bytes);
    return is_good;
}

/* Those from this one on are fetched ahead, as far as possible. */
static void
expect_fragments(const BatchDirectory *directory, size_t first, size_t *n_expected)
{
    const BatchFragment *fragments = directory->fragments;

    if (*n_expected < first)
        *n_expected = first;
    while (*n_expected < directory->n_fragments &&
           bytes_expect(fragments[*n_expected].path, &fragments[*n_expected].object))
        (*n_expected)++;
}

bool
manifest_read(Manifest *manifest, const BatchDirectory *directory, const char *options,
              Diag *diag)
{
    BytesHash *hashes = mem_alloc_zero(directory->n_fragments, sizeof(*hashes));
    size_t n_expected = 0;
    bool is_good = true;

    for (size_t i = 0; i < directory->n_fragments && is_good; i++)
    {
        expect_fragments(directory, i, &n_expected);
        is_good = hash_file(&directory->fragments[i], &hashes[i], diag);
    }
    if (is_good)
        manifest_make(manifest, directory, hashes, options);
    free(hashes);
    return is_good;
}

int64_t
manifest_hash_pair(const char *one, const char *other)
{
    EVP_MD_CTX *digest = begin_digest();
    unsigned char bytes[N_DIGEST];
    uint64_t number = 0;

    digest_text(digest, one);
    digest_text(digest, other);
    end_digest(digest, bytes);
    for (size_t i = 0; i < sizeof(number); i++)
        number = number << 8 | bytes[i];
    return (int64_t)number;
}
