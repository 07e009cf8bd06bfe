/*
 * The text of json values: tokens of it, and strings with their escapes. Nothing but
 * tokens is looked at, so that a value can be copied byte by byte around what is masked.
 *
 * Escapes of characters beyond ASCII become UTF-8. The encoding of the text may be
 * another one; so a string whose only characters beyond ASCII were escapes gets them back
 * as escapes when it is written.
 *
 * Pure: no server, no output.
 */
#ifndef MASK_MASK_JSON_TEXT_H
#define MASK_MASK_JSON_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/copyencoding.h"
#include "base/strbuf.h"

typedef enum MaskJsonTokenKind
{
    MASK_JSON_END,
    MASK_JSON_OPEN_OBJECT,
    MASK_JSON_OPEN_ARRAY,
    MASK_JSON_CLOSE_OBJECT,
    MASK_JSON_CLOSE_ARRAY,
    MASK_JSON_COMMA,
    MASK_JSON_COLON,
    MASK_JSON_STRING,
    MASK_JSON_NUMBER,
    MASK_JSON_WORD, /* true, false or null */
    MASK_JSON_BAD   /* it is no json */
} MaskJsonTokenKind;

typedef struct MaskJsonToken
{
    MaskJsonTokenKind kind;
    const char *text; /* of a string: with its quotes */
    size_t length;
    bool has_escapes;
} MaskJsonToken;

typedef struct MaskJsonReader
{
    const char *next;
    const char *end;
    const CopyEncoding *encoding;
} MaskJsonReader;

/* Reads the next token. */
void mask_json_text_next(MaskJsonReader *reader, MaskJsonToken *token);

/* Replaces the content of out by the string's; true: write it with escapes. */
bool mask_json_text_decode(PQExpBuffer out, const MaskJsonToken *token,
                           const CopyEncoding *encoding);

/* Appends a string with quotes and escapes. */
void mask_json_text_append_string(PQExpBuffer out, const char *text, size_t length,
                                  const CopyEncoding *encoding, bool escapes_unicode);

/*
 * Replaces the content of out by the number without its exponent, as numeric is written.
 * False when that would have hundreds of zeros.
 */
bool mask_json_text_expand_number(PQExpBuffer out, const char *text, size_t length);

/* Is all of it a number of json? */
bool mask_json_text_is_number(const char *text, size_t length);

#endif
