#include "base/strbuf.h"
#include "mask/mask_array.h"
#include "mask/mask_kind.h"

/* ---- does the mask fit? */

static bool
check_type(const MaskSpec *spec, const MaskTarget *target, Diag *diag)
{
    PQExpBufferData types;

    if (mask_kinds_takes(spec->kind, target->type))
        return true;
    initPQExpBuffer(&types);
    mask_kinds_append_types(&types, spec->kind);
    diag_set_message(diag, "mask \"%s\" does not take columns of this type",
                     spec->kind->name);
    diag_set_hint(diag, "It takes: %s.", types.data);
    termPQExpBuffer(&types);
    return false;
}

/* Names the other kinds that keep different values of such a column different. */
static void
hint_at_unique_kinds(const MaskKind *kind, const MaskTarget *target, Diag *diag)
{
    PQExpBufferData names;

    initPQExpBuffer(&names);
    mask_kinds_append_names(&names, target->type, true, kind);
    diag_set_hint(diag, "Masks that do, for this type: %s.", names.data);
    termPQExpBuffer(&names);
}

static bool
check_uniqueness(const MaskSpec *spec, const MaskTarget *target, Diag *diag)
{
    if (!target->is_unique || spec->sql != NULL ||
        mask_spec_get_uniqueness(spec, target) != MASK_NOT_UNIQUE)
        return true;
    diag_set_message(diag,
                     "mask \"%s\" does not keep different values of a key different",
                     spec->text);
    hint_at_unique_kinds(spec->kind, target, diag);
    return false;
}

/* ---- maskers */

Masker *
masker_new(Arena *arena, const MaskSpec *spec, const MaskTarget *target, MaskKey *key,
           Diag *diag)
{
    static const CopyEncoding any_encoding = {0};
    Masker *masker;

    if (!check_type(spec, target, diag) || !check_uniqueness(spec, target, diag))
        return NULL;
    masker = ARENA_ARRAY(arena, 1, Masker);
    masker->spec = spec;
    masker->target = *target;
    if (masker->target.encoding == NULL)
        masker->target.encoding = &any_encoding;
    masker->key = key;
    masker->mac = mask_mac_new(key, spec->kind->name, spec->function);
    /* masks of all types are of the whole array, such as NULL */
    masker->array = target->is_array && spec->kind->types != 0 ? mask_array_new() : NULL;
    initPQExpBuffer(&masker->scratch);
    if (spec->kind->prepare == NULL || spec->kind->prepare(masker, arena, diag))
        return masker;
    masker_free(masker);
    return NULL;
}

MaskResult
masker_apply(Masker *masker, const MaskInput *input, PQExpBuffer out,
             const char **problem)
{
    if (masker->array != NULL)
        return mask_array_apply(masker->array, masker, input, out, problem);
    return masker->spec->kind->apply(masker, input, out, problem);
}

bool
masker_apply_all(Masker *masker, const MaskInput *inputs, size_t n, PQExpBuffer out,
                 MaskOutput *outputs, const char **problem)
{
    const MaskKind *kind = masker->spec->kind;

    if (masker->array == NULL && kind->apply_all != NULL)
        return kind->apply_all(masker, inputs, n, out, outputs, problem);
    for (size_t i = 0; i < n; i++)
    {
        MaskResult result = masker_apply(masker, &inputs[i], out, problem);

        if (result == MASK_REFUSED)
            return false;
        outputs[i] = (MaskOutput){.end = out->len, .is_null = result == MASK_NULL};
    }
    return true;
}

void
masker_free(Masker *masker)
{
    if (masker == NULL)
        return;
    if (masker->spec->kind->release != NULL)
        masker->spec->kind->release(masker);
    mask_array_free(masker->array);
    mask_mac_free(masker->mac);
    termPQExpBuffer(&masker->scratch);
}
