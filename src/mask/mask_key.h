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

/*
 * Reads the file. NULL with a message and a hint in diag when it cannot be read, is no
 * regular file, belongs to another user, is readable for others, or is too short.
 */
MaskKey *mask_key_read(const char *path, Diag *diag);

/* A key of this run alone. NULL with a message in diag when there is no randomness. */
MaskKey *mask_key_make_random(Diag *diag);

/* Writes a new random key into a new file. False with a message in diag. */
bool mask_key_create(const char *path, Diag *diag) __attribute__((warn_unused_result));

/* Releases the key, and clears its bytes. */
void mask_key_free(MaskKey *key);

/* What tells keys apart and nothing about them: hexadecimal digits. */
void mask_key_get_fingerprint(MaskKey *key, char fingerprint[MASK_FINGERPRINT_SIZE]);

/* Prepared state for HMACs of one domain. */
typedef struct MaskMac MaskMac;

/* For HMAC-SHA256(key, kind \0 domain \0 value). */
MaskMac *mask_mac_new(MaskKey *key, const char *kind, const char *domain);
void mask_mac_free(MaskMac *mac);
void mask_mac_compute(MaskMac *mac, const void *value, size_t length,
                      uint8_t digest[MASK_MAC_SIZE]);

#endif
