/*
 * The bytes of an object on their way: those that came and were not taken yet, and a
 * digest of all that came. When an object has to be read once more from its beginning,
 * the bytes that came before are skipped, and compared by their digest.
 */
#ifndef STORE_STORE_BODY_H
#define STORE_STORE_BODY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/evp.h>

typedef struct StoreBody
{
    char *data;
    size_t start; /* of what is there */
    size_t end;
    size_t capacity;
    size_t most; /* of capacity */
    uint64_t n_got;
    uint64_t n_taken;
    EVP_MD_CTX *digest; /* of what came; NULL: there is no MD5 here */
    EVP_MD_CTX *again;  /* of what comes again; NULL: new bytes come */
    uint64_t n_again;
} StoreBody;

void store_body_init(StoreBody *body, size_t most);
/* Forgets what came. */
void store_body_reset(StoreBody *body);
/* The object comes again from its beginning. False: it could not be compared. */
bool store_body_repeat(StoreBody *body);
void store_body_free(StoreBody *body);

/* Is there room for so many bytes? There always is for 16 kB if none is there. */
bool store_body_has_room(const StoreBody *body, size_t n);

/* The caller has asked for room. False: what came again is something else. */
bool store_body_add(StoreBody *body, const char *data, size_t n);

static inline size_t
store_body_count(const StoreBody *body)
{
    return body->end - body->start;
}

size_t store_body_take(StoreBody *body, char *to, size_t room);

/* Is this the MD5 sum of all bytes? True if it cannot be known. */
bool store_body_has_md5(const StoreBody *body, const unsigned char md5[16]);

#endif
