#include "mask/mask_json_walk.h"

#include <stdlib.h>

#include "base/mem.h"

/* What may come next. */
typedef enum WalkExpects
{
    WALK_EXPECTS_VALUE,
    WALK_EXPECTS_FIRST_ELEMENT, /* or the end of the array */
    WALK_EXPECTS_FIRST_NAME,    /* or the end of the object */
    WALK_EXPECTS_NAME,
    WALK_EXPECTS_COLON,
    WALK_EXPECTS_MORE /* a comma or an end */
} WalkExpects;

/* An object or array that is open, or what is about to come. */
typedef struct WalkFrame
{
    bool is_object;
    bool is_live; /* paths lead into it */
    size_t rule;  /* that leads to it or to what it is in */
    size_t index; /* of the next element */
} WalkFrame;

struct MaskJsonWalk
{
    MaskJsonRules *rules;
    const CopyEncoding *encoding;
    WalkFrame *frames;
    size_t depth;    /* frames that are open; the one behind them is of the next value */
    size_t capacity; /* of frames */
    uint32_t *sets;  /* n_paths for each frame: where the paths are */
    MaskJsonReader reader;
    const char *copied; /* up to here the value is in out */
};

MaskJsonWalk *
mask_json_walk_new(MaskJsonRules *rules, const CopyEncoding *encoding)
{
    MaskJsonWalk *walk = mem_alloc_zero(1, sizeof(*walk));

    walk->rules = rules;
    walk->encoding = encoding;
    return walk;
}

void
mask_json_walk_free(MaskJsonWalk *walk)
{
    if (walk == NULL)
        return;
    free(walk->frames);
    free(walk->sets);
    free(walk);
}

/* ---- frames */

/* Makes room for the frame of the next value. */
static WalkFrame *
get_next_frame(MaskJsonWalk *walk)
{
    if (walk->depth >= walk->capacity)
    {
        walk->capacity = walk->capacity > 0 ? 2 * walk->capacity : 16;
        walk->frames = mem_resize(walk->frames, walk->capacity, sizeof(*walk->frames));
        walk->sets = mem_resize(walk->sets, walk->capacity,
                                (walk->rules->n_paths + 1) * sizeof(*walk->sets));
    }
    return &walk->frames[walk->depth];
}

static uint32_t *
get_sets(const MaskJsonWalk *walk, size_t depth)
{
    return walk->sets + depth * walk->rules->n_paths;
}

static void
begin_json_walk(MaskJsonWalk *walk)
{
    WalkFrame *root;

    walk->depth = 0;
    root = get_next_frame(walk);
    *root = (WalkFrame){.is_live = walk->rules->n_paths > 0,
                        .rule = mask_json_rules_find_root(walk->rules)};
    walk->rules->have_led[root->rule] = true;
    for (size_t i = 0; i < walk->rules->n_paths; i++)
        get_sets(walk, 0)[i] = MASK_JSON_PATH_ROOT;
}

/* Follows the paths into a member, or an element when name is NULL. */
static void
enter_value(MaskJsonWalk *walk, const char *name, size_t length)
{
    WalkFrame *next = get_next_frame(walk);
    WalkFrame *frame = &walk->frames[walk->depth - 1];
    const MaskJsonPath *paths = walk->rules->paths;
    uint32_t *from = get_sets(walk, walk->depth - 1);
    uint32_t *into = get_sets(walk, walk->depth);
    size_t index = frame->index++;

    *next = (WalkFrame){.rule = frame->rule};
    /* rules behind that of the frame do not count within it */
    for (size_t i = 0; frame->is_live && i < next->rule; i++)
    {
        into[i] = name != NULL
                      ? mask_json_path_enter_member(&paths[i], from[i], name, length)
                      : mask_json_path_enter_element(&paths[i], from[i], index);
        next->is_live = next->is_live || into[i] != 0;
        if (mask_json_path_ends(&paths[i], into[i]))
            next->rule = i;
    }
    walk->rules->have_led[next->rule] = true;
}

static void
enter_member(MaskJsonWalk *walk, const MaskJsonToken *token)
{
    if (!walk->frames[walk->depth - 1].is_live || !token->has_escapes)
    {
        enter_value(walk, token->text + 1, token->length - 2);
        return;
    }
    (void)mask_json_text_decode(&walk->rules->name, token, walk->encoding);
    enter_value(walk, walk->rules->name.data, walk->rules->name.len);
}

/* ---- tokens */

static WalkExpects
open_value(MaskJsonWalk *walk, bool is_object)
{
    walk->frames[walk->depth].is_object = is_object;
    walk->frames[walk->depth].index = 0;
    walk->depth++;
    return is_object ? WALK_EXPECTS_FIRST_NAME : WALK_EXPECTS_FIRST_ELEMENT;
}

/* A string, number or word: it stays among what is to be copied, or is masked. */
static MaskResult
walk_leaf(MaskJsonWalk *walk, const MaskInput *input, const MaskJsonToken *token,
          PQExpBuffer out, const char **problem)
{
    MaskJsonLeaf *leaf = &walk->rules->leaves[walk->frames[walk->depth].rule];

    if (leaf->is_keep)
        return MASK_DONE;
    appendBinaryPQExpBuffer(out, walk->copied, (size_t)(token->text - walk->copied));
    walk->copied = token->text + token->length;
    return mask_json_leaf_apply(leaf, input, token, walk->encoding, out, problem);
}

/* False when the value is not what can be here, or is refused. */
static bool
walk_value(MaskJsonWalk *walk, const MaskInput *input, const MaskJsonToken *token,
           WalkExpects *expects, PQExpBuffer out, const char **problem)
{
    bool is_element = walk->depth > 0 && !walk->frames[walk->depth - 1].is_object;

    if (token->kind == MASK_JSON_CLOSE_ARRAY && *expects == WALK_EXPECTS_FIRST_ELEMENT)
    {
        walk->depth--;
        *expects = WALK_EXPECTS_MORE;
        return true;
    }
    if (is_element)
        enter_value(walk, NULL, 0);
    switch (token->kind)
    {
        case MASK_JSON_OPEN_OBJECT:
        case MASK_JSON_OPEN_ARRAY:
            *expects = open_value(walk, token->kind == MASK_JSON_OPEN_OBJECT);
            return true;
        case MASK_JSON_STRING:
        case MASK_JSON_NUMBER:
        case MASK_JSON_WORD:
            *expects = WALK_EXPECTS_MORE;
            return walk_leaf(walk, input, token, out, problem) != MASK_REFUSED;
        default:
            return false;
    }
}

/* A comma, or the end of what is open. */
static bool
walk_mark(MaskJsonWalk *walk, const MaskJsonToken *token, WalkExpects *expects)
{
    bool is_object = walk->depth > 0 && walk->frames[walk->depth - 1].is_object;

    if (walk->depth == 0)
        return false;
    if (token->kind == MASK_JSON_COMMA)
    {
        *expects = is_object ? WALK_EXPECTS_NAME : WALK_EXPECTS_VALUE;
        return true;
    }
    if (token->kind != (is_object ? MASK_JSON_CLOSE_OBJECT : MASK_JSON_CLOSE_ARRAY))
        return false;
    walk->depth--;
    return true;
}

static bool
walk_token(MaskJsonWalk *walk, const MaskInput *input, const MaskJsonToken *token,
           WalkExpects *expects, PQExpBuffer out, const char **problem)
{
    switch (*expects)
    {
        case WALK_EXPECTS_VALUE:
        case WALK_EXPECTS_FIRST_ELEMENT:
            return walk_value(walk, input, token, expects, out, problem);
        case WALK_EXPECTS_FIRST_NAME:
        case WALK_EXPECTS_NAME:
            if (token->kind == MASK_JSON_STRING)
            {
                enter_member(walk, token);
                *expects = WALK_EXPECTS_COLON;
                return true;
            }
            if (*expects == WALK_EXPECTS_NAME || token->kind != MASK_JSON_CLOSE_OBJECT)
                return false;
            walk->depth--;
            *expects = WALK_EXPECTS_MORE;
            return true;
        case WALK_EXPECTS_COLON:
            *expects = WALK_EXPECTS_VALUE;
            return token->kind == MASK_JSON_COLON;
        default:
            return walk_mark(walk, token, expects);
    }
}

MaskResult
mask_json_walk_apply(MaskJsonWalk *walk, const MaskInput *input, PQExpBuffer out,
                     const char **problem)
{
    static const char is_not_json[] = "it is not valid json";
    const char *end = input->value.text + input->value.length;
    WalkExpects expects = WALK_EXPECTS_VALUE;
    size_t start = out->len;
    bool is_valid = true;
    MaskJsonToken token;

    *problem = is_not_json;
    walk->reader = (MaskJsonReader){input->value.text, end, walk->encoding};
    walk->copied = input->value.text;
    begin_json_walk(walk);
    do
    {
        mask_json_text_next(&walk->reader, &token);
        if (token.kind == MASK_JSON_END)
            is_valid = walk->depth == 0 && expects == WALK_EXPECTS_MORE;
        else
            is_valid = walk_token(walk, input, &token, &expects, out, problem);
    } while (is_valid && token.kind != MASK_JSON_END);
    if (!is_valid)
    {
        out->len = start;
        out->data[start] = '\0';
        return MASK_REFUSED;
    }
    appendBinaryPQExpBuffer(out, walk->copied, (size_t)(end - walk->copied));
    return MASK_DONE;
}
