#include "mask/mask_json_leaf.h"

#include <string.h>

#include "mask/mask_ascii.h"
#include "mask/mask_kind.h"

enum
{
    DATE_LENGTH = 10
};

/* The first of them that the mask takes is what a string is for it. */
static const MaskType string_types[] = {
    MASK_TYPE_TEXT,    MASK_TYPE_DATE,    MASK_TYPE_UUID,    MASK_TYPE_INET,
    MASK_TYPE_MACADDR, MASK_TYPE_NUMERIC, MASK_TYPE_INTEGER, MASK_TYPE_FLOAT,
};

static const MaskType number_types[] = {MASK_TYPE_NUMERIC, MASK_TYPE_INTEGER,
                                        MASK_TYPE_FLOAT, MASK_TYPE_TEXT};

static bool
kind_takes(const MaskKind *kind, MaskType type)
{
    return kind->types == 0 || (kind->types & MASK_TYPE_BIT(type)) != 0;
}

/*
 * The masker for the first type that the mask takes, with these arguments; NULL for none,
 * with a message in diag if it takes a type, but not these arguments of it.
 */
static Masker *
make_leaf_masker(Arena *arena, const MaskSpec *spec, const MaskType *types,
                 size_t n_types, MaskKey *key, const CopyEncoding *encoding, Diag *diag)
{
    MaskTarget target = {.encoding = encoding, .is_nullable = true};
    Masker *masker = NULL;

    for (size_t i = 0; i < n_types && masker == NULL; i++)
    {
        Diag error = {0};

        if (!kind_takes(spec->kind, types[i]))
            continue;
        target.type = types[i];
        target.size = types[i] == MASK_TYPE_MACADDR ? 6 : 8;
        masker = masker_new(arena, spec, &target, key, &error);
        if (masker == NULL && diag->message == NULL)
            *diag = error;
        else
            diag_free(&error);
    }
    return masker;
}

static bool
reject_kind_of_leaf(const MaskSpec *spec, Diag *diag)
{
    diag_set_message(diag, "mask \"%s\" is not one for parts of json values",
                     spec->kind->name);
    diag_set_hint(diag, "Use a mask for texts or numbers.");
    return false;
}

static bool
make_maskers(MaskJsonLeaf *leaf, Arena *arena, const MaskSpec *spec, MaskKey *key,
             const CopyEncoding *encoding, Diag *diag)
{
    static const MaskType timestamp = MASK_TYPE_TIMESTAMP;
    size_t n_strings = sizeof(string_types) / sizeof(string_types[0]);
    size_t n_numbers = sizeof(number_types) / sizeof(number_types[0]);

    leaf->string =
        make_leaf_masker(arena, spec, string_types, n_strings, key, encoding, diag);
    leaf->number =
        make_leaf_masker(arena, spec, number_types, n_numbers, key, encoding, diag);
    if (leaf->string != NULL && leaf->string->target.type == MASK_TYPE_DATE)
        leaf->timestamp =
            make_leaf_masker(arena, spec, &timestamp, 1, key, encoding, diag);
    if (leaf->string == NULL && leaf->number == NULL)
        return diag->message != NULL ? false : reject_kind_of_leaf(spec, diag);
    diag_free(diag);
    return true;
}

bool
mask_json_leaf_prepare(MaskJsonLeaf *leaf, Arena *arena, const MaskSpec *spec,
                       MaskKey *key, const CopyEncoding *encoding, Diag *diag)
{
    initPQExpBuffer(&leaf->value);
    initPQExpBuffer(&leaf->masked);
    leaf->is_keep = spec == NULL || mask_spec_is_keep(spec);
    if (leaf->is_keep)
        return true;
    if (spec->sql != NULL)
        return reject_kind_of_leaf(spec, diag);
    if (strcmp(spec->kind->name, "json") == 0)
    {
        leaf->defaults = mask_json_defaults_new(arena, spec, key, encoding, diag);
        return leaf->defaults != NULL;
    }
    leaf->takes_words = spec->kind->types == 0;
    return make_maskers(leaf, arena, spec, key, encoding, diag);
}

void
mask_json_leaf_free(MaskJsonLeaf *leaf)
{
    mask_json_defaults_free(leaf->defaults);
    masker_free(leaf->string);
    masker_free(leaf->timestamp);
    masker_free(leaf->number);
    termPQExpBuffer(&leaf->value);
    termPQExpBuffer(&leaf->masked);
}

/* ---- strings */

/*
 * The server writes a blank where ISO 8601 and its json functions write a T, and +00 for
 * Z. Both are put back.
 */
static MaskResult
mask_timestamp(MaskJsonLeaf *leaf, const MaskInput *input, const char **problem)
{
    bool has_t = leaf->value.data[DATE_LENGTH] == 'T';
    bool has_z = leaf->value.data[leaf->value.len - 1] == 'Z';
    MaskInput changed = *input;
    MaskResult result;

    if (has_t)
        leaf->value.data[DATE_LENGTH] = ' ';
    changed.value.length -= has_z;
    changed.canonical = changed.value;
    result = masker_apply(leaf->timestamp, &changed, &leaf->masked, problem);
    if (has_t && leaf->masked.len > DATE_LENGTH && leaf->masked.data[DATE_LENGTH] == ' ')
        leaf->masked.data[DATE_LENGTH] = 'T';
    if (has_z && result == MASK_DONE)
        appendPQExpBufferChar(&leaf->masked, 'Z');
    return result;
}

MaskResult
mask_json_leaf_mask_string(MaskJsonLeaf *leaf, const MaskInput *input,
                           const char **problem)
{
    resetPQExpBuffer(&leaf->masked);
    if (leaf->defaults != NULL)
    {
        mask_json_defaults_append_string(leaf->defaults, input, &leaf->masked);
        return MASK_DONE;
    }
    if (leaf->string == NULL)
    {
        *problem = "a string in it cannot be masked like that";
        return MASK_REFUSED;
    }
    if (leaf->timestamp != NULL && leaf->value.len > DATE_LENGTH)
        return mask_timestamp(leaf, input, problem);
    return masker_apply(leaf->string, input, &leaf->masked, problem);
}

static MaskResult
apply_to_json_string(MaskJsonLeaf *leaf, MaskInput *input, const MaskJsonToken *token,
                     const CopyEncoding *encoding, PQExpBuffer out, const char **problem)
{
    bool escapes = mask_json_text_decode(&leaf->value, token, encoding);
    MaskResult result;

    input->value = (MaskValue){leaf->value.data, leaf->value.len};
    input->canonical = input->value;
    result = mask_json_leaf_mask_string(leaf, input, problem);
    if (result == MASK_DONE)
        mask_json_text_append_string(out, leaf->masked.data, leaf->masked.len, encoding,
                                     escapes);
    return result;
}

/* ---- numbers and words */

/* As a number, or as a string where it is none. */
static void
append_masked_number(const MaskJsonLeaf *leaf, size_t length,
                     const CopyEncoding *encoding, PQExpBuffer out)
{
    const PQExpBufferData *masked = &leaf->masked;
    bool is_text = leaf->number != NULL && leaf->number->target.type == MASK_TYPE_TEXT;

    if (mask_json_text_is_number(masked->data, masked->len) &&
        (!is_text || masked->len == length))
        appendBinaryPQExpBuffer(out, masked->data, masked->len);
    else
        mask_json_text_append_string(out, masked->data, masked->len, encoding, false);
}

static MaskResult
apply_to_json_number(MaskJsonLeaf *leaf, MaskInput *input, const MaskJsonToken *token,
                     const CopyEncoding *encoding, PQExpBuffer out, const char **problem)
{
    MaskResult result = MASK_DONE;

    bool is_text = leaf->number != NULL && leaf->number->target.type == MASK_TYPE_TEXT;

    input->value = (MaskValue){token->text, token->length};
    if (!is_text && leaf->defaults == NULL)
    {
        if (!mask_json_text_expand_number(&leaf->value, token->text, token->length))
        {
            *problem = "a number in it is too large";
            return MASK_REFUSED;
        }
        input->value = (MaskValue){leaf->value.data, leaf->value.len};
    }
    input->canonical = input->value;
    mask_ascii_trim_fraction(input->value.text, &input->canonical.length);
    resetPQExpBuffer(&leaf->masked);
    if (leaf->defaults != NULL)
        mask_json_defaults_append_number(leaf->defaults, input, &leaf->masked);
    else if (leaf->number != NULL)
        result = masker_apply(leaf->number, input, &leaf->masked, problem);
    else
    {
        *problem = "a number in it cannot be masked like that";
        return MASK_REFUSED;
    }
    if (result == MASK_DONE)
        append_masked_number(leaf, token->length, encoding, out);
    return result;
}

/* Of null or fixed; null itself does not come here. */
static MaskResult
apply_to_json_word(MaskJsonLeaf *leaf, MaskInput *input, const MaskJsonToken *token,
                   const CopyEncoding *encoding, PQExpBuffer out, const char **problem)
{
    MaskResult result;

    input->value = (MaskValue){token->text, token->length};
    input->canonical = input->value;
    result = mask_json_leaf_mask_string(leaf, input, problem);
    if (result != MASK_DONE)
        return result;
    if (strcmp(leaf->masked.data, "true") == 0 || strcmp(leaf->masked.data, "false") == 0)
        appendPQExpBufferStr(out, leaf->masked.data);
    else
        append_masked_number(leaf, 0, encoding, out);
    return result;
}

MaskResult
mask_json_leaf_apply(MaskJsonLeaf *leaf, const MaskInput *whole,
                     const MaskJsonToken *token, const CopyEncoding *encoding,
                     PQExpBuffer out, const char **problem)
{
    MaskInput input = *whole;
    MaskResult result;

    if (token->kind == MASK_JSON_STRING)
        result = apply_to_json_string(leaf, &input, token, encoding, out, problem);
    else if (token->kind == MASK_JSON_NUMBER)
        result = apply_to_json_number(leaf, &input, token, encoding, out, problem);
    else if (leaf->takes_words && token->text[0] != 'n')
        result = apply_to_json_word(leaf, &input, token, encoding, out, problem);
    else
    {
        appendBinaryPQExpBuffer(out, token->text, token->length);
        result = MASK_DONE;
    }
    if (result == MASK_NULL)
        appendPQExpBufferStr(out, "null");
    return result;
}
