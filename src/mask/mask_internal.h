/* What the files of keys and macs share. */
#ifndef MASK_MASK_INTERNAL_H
#define MASK_MASK_INTERNAL_H

#include "mask/mask_key.h"

struct MaskKey
{
    MaskMac *mac; /* of the key alone; its bytes are not kept */
};

/* ---- mask_mac.c */

/* For HMAC-SHA256 with the bytes as the key. */
MaskMac *mask_mac_new_of_bytes(const void *bytes, size_t length);

#endif
