/*
 * Which columns look personal, by name, type and comment; what they contain is looked at
 * in personal_content.h.
 *
 * Hits are certain, or only worth a look: free text, json, pictures, and what is personal
 * in some databases alone, such as a city. Names are those of English, and the most
 * common ones of German, French, Spanish, Italian and Portuguese.
 *
 * Pure: no server, no output.
 */
#ifndef MODEL_PERSONAL_H
#define MODEL_PERSONAL_H

#include "mask/mask.h"
#include "model/catalog.h"

typedef struct PersonalHit
{
    const char *kind;    /* "e-mail address"; NULL: it does not look personal */
    const char *mask;    /* a mask for it, as in a rule */
    const char *because; /* "name", "type" ..., for messages */
    bool is_certain;
} PersonalHit;

/*
 * What the column looks like, where type is the one below domains and arrays (0: as the
 * catalog has it).
 */
PersonalHit personal_find(const Relation *relation, const Column *column,
                          bool is_commented);

/* The type of mask values that the column has, as far as its oid says. */
MaskType personal_get_type(const Column *column);

/* Does --mask-required=all require a rule for columns of the type? */
bool personal_is_text(const Column *column);

#endif
