/*
 * Values of the extension's type hstore, which are like a json object of strings: a path
 * of one step leads to the value of a key. Keys and what is between stay as they are.
 *
 * Pure: no server, no output.
 */
#ifndef MASK_MASK_HSTORE_H
#define MASK_MASK_HSTORE_H

#include "mask/mask_json_rules.h"

/* As masker_apply(). */
MaskResult mask_hstore_apply(MaskJsonRules *rules, const MaskInput *input,
                             const CopyEncoding *encoding, PQExpBuffer out,
                             const char **problem);

#endif
