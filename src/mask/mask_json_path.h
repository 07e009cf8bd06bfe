/*
 * Paths into json values: "$.a.b", "$.a[*].c", "$.a[0]", "$.a.*", "$..email", and names
 * in quotes, "$.\"a b\"", with the escapes of json.
 *
 * A path is followed while the value is scanned, as a nondeterministic automaton: the set
 * of numbers of steps that lead to where the scanner is, as the bits of a word. A step
 * behind ".." may be taken at any depth, so its number stays in the set.
 *
 * Pure: no server, no output.
 */
#ifndef MASK_MASK_JSON_PATH_H
#define MASK_MASK_JSON_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/diag.h"

enum
{
    MASK_JSON_PATH_STEPS = 31 /* at most */
};

typedef enum MaskJsonStepKind
{
    MASK_JSON_STEP_MEMBER,
    MASK_JSON_STEP_ANY_MEMBER,
    MASK_JSON_STEP_ELEMENT,
    MASK_JSON_STEP_ANY_ELEMENT
} MaskJsonStepKind;

typedef struct MaskJsonStep
{
    MaskJsonStepKind kind;
    bool is_deep; /* behind "..": it may be taken further down */
    const char *name;
    size_t name_length;
    size_t index;
} MaskJsonStep;

typedef struct MaskJsonPath
{
    MaskJsonStep *steps;
    unsigned n_steps;
} MaskJsonPath;

/* Parses a path; what it keeps is in the arena. False with a message in diag. */
bool mask_json_path_parse(MaskJsonPath *path, Arena *arena, const char *text, Diag *diag)
    __attribute__((warn_unused_result));

/* The numbers of steps at the root of a value. */
#define MASK_JSON_PATH_ROOT UINT32_C(1)

/* Those at a member of an object, or at an element of an array, of those at itself. */
uint32_t mask_json_path_enter_member(const MaskJsonPath *path, uint32_t at,
                                     const char *name, size_t length);
uint32_t mask_json_path_enter_element(const MaskJsonPath *path, uint32_t at,
                                      size_t index);

/* Is it the end of the path? */
static inline bool
mask_json_path_ends(const MaskJsonPath *path, uint32_t at)
{
    return (at >> path->n_steps & 1) != 0;
}

#endif
