/*
 * What a value looks like: an e-mail address, a phone number, an IBAN ... by its form
 * and, where there are such, by its check digits. Used to find columns that are personal,
 * and to find what is personal in free text.
 *
 * Each form has a matcher (content_match.h) that reads it at the start of a text. A value
 * is of a kind when a match takes all of it; in free text matches are tried where words
 * begin. All look at a bounded number of bytes, so that a text costs one pass.
 *
 * Pure: no server, no output.
 */
#ifndef MASK_CONTENT_H
#define MASK_CONTENT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/copyencoding.h"

typedef enum ContentKind
{
    CONTENT_NONE,
    CONTENT_EMAIL,
    CONTENT_PHONE,
    CONTENT_IBAN, /* its check digits hold, as do those of cards */
    CONTENT_CARD,
    CONTENT_IP,
    CONTENT_MACADDR,
    CONTENT_JWT,
    CONTENT_NATIONAL, /* number of a person: of the US, or the United Kingdom */
    CONTENT_FIRST_NAME,
    CONTENT_NAME,   /* a first name and others */
    CONTENT_UUID,   /* from here on not personal by itself */
    CONTENT_DATE,   /* or a timestamp */
    CONTENT_NUMBER, /* of seven digits or more */
    CONTENT_N_KINDS
} ContentKind;

/* The kind of the value as a whole, blanks around it left out. */
ContentKind content_classify(const char *text, size_t length);

/* Is what is of that kind personal, whatever it belongs to? */
bool content_is_personal(ContentKind kind);

/* As messages name it: "e-mail addresses". */
const char *content_get_name(ContentKind kind);

/* The mask for it, as in a rule; NULL for what is not personal. */
const char *content_get_mask(ContentKind kind);

typedef struct ContentMatch
{
    ContentKind kind;
    size_t start;  /* in the text */
    size_t length; /* all of it is ASCII, but for the name of an e-mail address */
} ContentMatch;

/*
 * Finds the first of them, names left out, that begins at the byte from or behind it,
 * which is the start of a character.
 */
bool content_find(const char *text, size_t length, size_t from,
                  const CopyEncoding *encoding, ContentMatch *match);

#endif
