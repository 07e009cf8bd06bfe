/*
 * What a mistyped pattern may have meant, as it is to be written: in double quotes where
 * it needs them.
 *
 * Pure: no server, no output.
 */
#ifndef MODEL_NEAREST_NAME_H
#define MODEL_NEAREST_NAME_H

#include "model/catalog.h"
#include "model/pattern.h"

/* Texts are in the catalog's arena; NULL: nothing is near enough. */
const char *nearest_name_of_table(const Catalog *catalog, const Pattern *pattern);
const char *nearest_name_of_schema(const Catalog *catalog, const Pattern *pattern);
/* A foreign key, or the table that one stands on. */
const char *nearest_name_of_key(const Catalog *catalog, const Pattern *pattern);

#endif
