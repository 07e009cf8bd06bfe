/*
 * Labels of the extension PostgreSQL Anonymizer, as rules' masks: "MASKED WITH FUNCTION
 * anon.fake_email()" is "email". What a label says is read as data alone: its expressions
 * are never run, so one that is more than a function of that extension with constants
 * has no counterpart.
 *
 * Pure: no server, no output.
 */
#ifndef MASK_MASK_LABEL_H
#define MASK_MASK_LABEL_H

#include <stdbool.h>

#include "base/diag.h"
#include "base/strbuf.h"

/* Appends the mask for a column with that label. False with a message in diag. */
bool mask_label_translate(PQExpBuffer mask, const char *label, Diag *diag)
    __attribute__((warn_unused_result));

#endif
