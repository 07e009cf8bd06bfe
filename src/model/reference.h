/*
 * Declared references (--reference), found in the catalog.
 */
#ifndef MODEL_REFERENCE_H
#define MODEL_REFERENCE_H

#include "base/diag.h"
#include "db/answers.h"
#include "model/catalog.h"
#include "model/reference_rule.h"

/*
 * Sets the catalog's references. They are put into the order of their texts, so that the
 * order of the options never matters; one that is there twice counts once. False, with
 * the reason in diag, when a table or column is not there, or values cannot be compared.
 *
 * The operators are those of the default btree (or else hash) operator class of each
 * column's type; the server is asked for them.
 */
bool reference_load(Catalog *catalog, Answers *answers, const ReferenceRule *rules,
                    size_t n, Diag *diag) __attribute__((warn_unused_result));

#endif
