/*
 * The rules for parts of json values: paths, each with what it makes of a string or
 * number. Of several that lead to a part, or to what contains it, the first counts; what
 * none leads to stays, or is for "json all".
 *
 * Pure: no server, no output.
 */
#ifndef MASK_MASK_JSON_RULES_H
#define MASK_MASK_JSON_RULES_H

#include "mask/mask.h"
#include "mask/mask_json_leaf.h"
#include "mask/mask_json_path.h"

typedef struct MaskJsonRules
{
    MaskJsonPath *paths;
    size_t n_paths;
    MaskJsonLeaf *leaves; /* by path; the last is for all else */
    bool *have_led;       /* by path, and for all else: to a part of a value so far */
    PQExpBufferData name; /* of a member, without its escapes */
} MaskJsonRules;

/* What masker_new_json() hands to the kind, as its arguments. */
typedef struct MaskJsonArguments
{
    const MaskJsonRule *rules;
    size_t n_rules;
    const MaskSpec *all; /* or NULL */
} MaskJsonArguments;

/* Makes them, of rules that are zeroed. False with a message in diag. */
bool mask_json_rules_prepare(MaskJsonRules *rules, Arena *arena,
                             const MaskJsonArguments *arguments, MaskKey *key,
                             const CopyEncoding *encoding, Diag *diag)
    __attribute__((warn_unused_result));
/* Releases what is not in the arena. */
void mask_json_rules_free(MaskJsonRules *rules);

/* The number of the leaf for what is at the root, and for a member of that. */
size_t mask_json_rules_find_root(const MaskJsonRules *rules);
size_t mask_json_rules_find_member(const MaskJsonRules *rules, const char *name,
                                   size_t length);

#endif
