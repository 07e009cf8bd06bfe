/*
 * Canonical forms: bytes that are equal where the type of a column takes values for
 * equal. Most types have one text for a value. Of char(n) the blanks at the end do not
 * count, of numeric neither zeros at the end of the fraction, and citext compares what
 * lower() makes of texts, which depends on the database's locale: that is asked of the
 * server, except for texts of ASCII without capital letters, which no locale changes.
 *
 * Pure: no server, no output.
 */
#ifndef SAMPLE_MASKED_MASK_CANONICAL_H
#define SAMPLE_MASKED_MASK_CANONICAL_H

#include "mask/mask.h"
#include "model/mask_plan.h"

/*
 * The form for a column that has no mask. False: there is none, and what is compared has
 * to do without the column.
 */
bool mask_canonical_choose(const Column *column, MaskCanonical *form);

/* Has each number of the type one canonical text, which it has in all of them? */
bool mask_canonical_is_integral(CatalogOid type);

/*
 * The value in that form; what is not a part of it is copied into the arena. Not for
 * MASK_CANONICAL_LOWERED.
 */
MaskValue mask_canonical_make(MaskCanonical form, MaskValue value, Arena *arena);

/* Is the text what lower() makes of it, in every locale? */
bool mask_canonical_is_lower(MaskValue value);

#endif
