#include "mask/mask_json_path.h"

#include <string.h>

#include "mask/mask_ascii.h"
#include "mask/mask_json_text.h"

/* ---- parsing */

static bool
reject_path(const char *text, const char *reason, Diag *diag)
{
    diag_set_message(diag, "\"%s\" is not a path into a json value: %s", text, reason);
    diag_set_hint(diag, "Write it like $.a.b, $.a[*].c, $.a[0], $.a.*, $..email or "
                        "$.\"a b\".");
    return false;
}

/* A name in quotes; its escapes are resolved. */
static const char *
read_quoted_name(MaskJsonStep *step, Arena *arena, const char *text)
{
    MaskJsonReader reader = {.next = text, .end = text + strlen(text)};
    MaskJsonToken token;
    PQExpBufferData name;
    char *copy;

    mask_json_text_next(&reader, &token);
    if (token.kind != MASK_JSON_STRING)
        return NULL;
    initPQExpBuffer(&name);
    (void)mask_json_text_decode(&name, &token, NULL);
    copy = arena_alloc(arena, name.len + 1);
    memcpy(copy, name.data, name.len);
    step->name = copy;
    step->name_length = name.len;
    termPQExpBuffer(&name);
    return reader.next;
}

/* What is behind a point; NULL when it is no name. */
static const char *
read_member(MaskJsonStep *step, Arena *arena, const char *text)
{
    size_t length = strcspn(text, ".[]\" \t\n");
    char *copy;

    step->kind = MASK_JSON_STEP_MEMBER;
    if (*text == '"')
        return read_quoted_name(step, arena, text);
    if (length == 0)
        return NULL;
    if (length == 1 && *text == '*')
    {
        step->kind = MASK_JSON_STEP_ANY_MEMBER;
        return text + 1;
    }
    copy = arena_alloc(arena, length + 1);
    memcpy(copy, text, length);
    step->name = copy;
    step->name_length = length;
    return text + length;
}

/* What is behind a bracket, with the one at its end; NULL when it is no index. */
static const char *
read_element_step(MaskJsonStep *step, const char *text)
{
    size_t n_digits = strspn(text, "0123456789");

    if (strncmp(text, "*]", 2) == 0)
    {
        step->kind = MASK_JSON_STEP_ANY_ELEMENT;
        return text + 2;
    }
    if (n_digits == 0 || n_digits > 9 || text[n_digits] != ']')
        return NULL;
    step->kind = MASK_JSON_STEP_ELEMENT;
    for (size_t i = 0; i < n_digits; i++)
        step->index = step->index * 10 + (size_t)(text[i] - '0');
    return text + n_digits + 1;
}

/* One step; NULL when it is none. */
static const char *
read_step(MaskJsonStep *step, Arena *arena, const char *text)
{
    if (*text == '[')
        return read_element_step(step, text + 1);
    if (*text != '.')
        return NULL;
    text++;
    step->is_deep = *text == '.';
    if (step->is_deep && text[1] == '[')
        return read_element_step(step, text + 2);
    return read_member(step, arena, text + step->is_deep);
}

bool
mask_json_path_parse(MaskJsonPath *path, Arena *arena, const char *text, Diag *diag)
{
    const char *next = text + 1;

    *path = (MaskJsonPath){0};
    if (text[0] != '$')
        return reject_path(text, "it does not begin with $", diag);
    path->steps = ARENA_ARRAY(arena, MASK_JSON_PATH_STEPS, MaskJsonStep);
    while (*next != '\0')
    {
        if (path->n_steps == MASK_JSON_PATH_STEPS)
            return reject_path(text, "it has too many steps", diag);
        next = read_step(&path->steps[path->n_steps++], arena, next);
        if (next == NULL)
            return reject_path(text, "a step is wrong", diag);
    }
    return true;
}

/* ---- following */

static bool
takes_member(const MaskJsonStep *step, const char *name, size_t length)
{
    return step->kind == MASK_JSON_STEP_ANY_MEMBER ||
           (step->kind == MASK_JSON_STEP_MEMBER && step->name_length == length &&
            memcmp(step->name, name, length) == 0);
}

uint32_t
mask_json_path_enter_member(const MaskJsonPath *path, uint32_t at, const char *name,
                            size_t length)
{
    uint32_t entered = 0;

    for (unsigned i = 0; i < path->n_steps && at >> i != 0; i++)
    {
        if ((at >> i & 1) == 0)
            continue;
        if (path->steps[i].is_deep)
            entered |= UINT32_C(1) << i;
        if (takes_member(&path->steps[i], name, length))
            entered |= UINT32_C(1) << (i + 1);
    }
    return entered;
}

uint32_t
mask_json_path_enter_element(const MaskJsonPath *path, uint32_t at, size_t index)
{
    uint32_t entered = 0;

    for (unsigned i = 0; i < path->n_steps && at >> i != 0; i++)
    {
        const MaskJsonStep *step = &path->steps[i];

        if ((at >> i & 1) == 0)
            continue;
        if (step->is_deep)
            entered |= UINT32_C(1) << i;
        if (step->kind == MASK_JSON_STEP_ANY_ELEMENT ||
            (step->kind == MASK_JSON_STEP_ELEMENT && step->index == index))
            entered |= UINT32_C(1) << (i + 1);
    }
    return entered;
}
