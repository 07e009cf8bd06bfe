/*
 * What an object store answers in XML: a page of a listing (ListBucketResult), or an
 * Error. The rest of such a document is skipped.
 *
 * It comes from outside: a document type, and with it entities of its own, is refused,
 * and so are values of more than 8 kB and elements in elements without end. The size of a
 * document is limited by its receiver. Keys come encoded (encoding-type=url),
 * since XML has no control characters; "+" is a space there, as AWS writes it.
 *
 * Pure: no server, no output.
 */
#ifndef STORE_STORE_XML_H
#define STORE_STORE_XML_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "store/store.h"

/* The strings are in the arena. */
typedef struct StoreDocument
{
    bool is_error; /* else it is a listing */

    StoreObject *objects; /* in their order there */
    size_t n_objects;
    bool is_truncated; /* more pages follow */
    const char *token; /* which the next page is asked by; "" if there is none */

    const char *code; /* of an error; "" where it is not given */
    const char *message;
    const char *region;
} StoreDocument;

/* Returns what is wrong with the document, in the form "is no listing", or NULL. */
const char *store_xml_parse(const char *text, size_t length, Arena *arena,
                            StoreDocument *document);

/* Is it an Error? That is, does it look like one, and can it be read? */
bool store_xml_is_error(const char *text, size_t length);

#endif
