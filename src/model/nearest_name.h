/*
 * What a mistyped pattern can have meant, as it is to be written: in double quotes where
 * it needs them.
 */
#ifndef MODEL_NEAREST_NAME_H
#define MODEL_NEAREST_NAME_H

#include "base/diag.h"
#include "model/catalog.h"
#include "model/pattern.h"

/* Texts are in the catalog's arena; NULL: nothing is near enough. */
const char *nearest_name_of_table(const Catalog *catalog, const Pattern *pattern);
const char *nearest_name_of_schema(const Catalog *catalog, const Pattern *pattern);
/* A foreign key, or the table that it is defined on. */
const char *nearest_name_of_key(const Catalog *catalog, const Pattern *pattern);

/* The same for the raw name of a column of any of the relations. */
const char *nearest_name_of_column(const Relation *relations, int n_relations,
                                   const char *name);

/* "Did you mean x?", or if nearest is NULL the other hint, unless that is NULL, too. */
void nearest_name_set_hint(Diag *diag, const char *nearest, const char *otherwise);

#endif
