/*
 * The secret key of masks: 32 bytes or more, of a file that only its owner can read.
 * Keys of HMACs and ciphers are derived from it, each for its purpose.
 *
 * Pure but for its own file: no server, no output.
 */
#ifndef MASK_MASK_KEY_H
#define MASK_MASK_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/diag.h"

enum
{
    MASK_MAC_SIZE = 32,        /* bytes */
    MASK_FINGERPRINT_SIZE = 17 /* with the zero at its end */
};

typedef struct MaskKey MaskKey;

/* A key of these bytes, however many. For tests and examples. */
MaskKey *mask_key_new(const void *bytes, size_t length);

/*
 * Reads the file; a newline at its end is no part of the key. NULL with a message and a
 * hint in diag when it cannot be read, is no regular file, belongs to another user, is
 * readable for others, or is too short.
 */
MaskKey *mask_key_read(const char *path, Diag *diag);

/* A key of this run alone. NULL with a message in diag when there is no randomness. */
MaskKey *mask_key_make_random(Diag *diag);

/*
 * Writes a new random key, as hexadecimal digits, into a new file that only this user can
 * read. False with a message in diag.
 */
bool mask_key_create(const char *path, Diag *diag) __attribute__((warn_unused_result));

/* Releases the key, whose state is cleared. The MaskMacs of it must be gone. */
void mask_key_free(MaskKey *key);

/* What tells keys apart and nothing about them: hexadecimal digits. */
void mask_key_get_fingerprint(MaskKey *key, char fingerprint[MASK_FINGERPRINT_SIZE]);

/* Prepared state for HMACs of one domain. */
typedef struct MaskMac MaskMac;

/* For HMAC-SHA256(key, kind \0 domain \0 value); kind NULL: HMAC-SHA256(key, value). */
MaskMac *mask_mac_new(MaskKey *key, const char *kind, const char *domain);
void mask_mac_free(MaskMac *mac);
void mask_mac_compute(MaskMac *mac, const void *value, size_t length,
                      uint8_t digest[MASK_MAC_SIZE]);

/* A key for another purpose, such as a cipher, of a kind and domain. */
void mask_mac_derive(MaskKey *key, const char *purpose, const char *kind,
                     const char *domain, uint8_t derived[MASK_MAC_SIZE]);

#endif
