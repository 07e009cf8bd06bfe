/*
 * The forms of content.h, each read at the start of a text that need not end behind it.
 *
 * Pure: no server, no output.
 */
#ifndef MASK_CONTENT_MATCH_H
#define MASK_CONTENT_MATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "mask/content.h"

/*
 * The kind of what begins the text, and in *matched how many bytes it has; CONTENT_NONE
 * when it is nothing of them. Bytes that are not ASCII can be part of an e-mail address
 * if allows_high; they must not where a byte of a character can look like ASCII.
 */
ContentKind content_match_start(const char *text, size_t length, bool allows_high,
                                size_t *matched);

#endif
