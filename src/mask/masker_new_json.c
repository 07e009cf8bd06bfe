/* Maskers for json values of which paths are masked: the kind json with arguments. */
#include "mask/mask_json_rules.h"
#include "mask/mask_kinds.h"

Masker *
masker_new_json(Arena *arena, const MaskJsonRule *rules, size_t n, const MaskSpec *all,
                const MaskTarget *target, MaskKey *key, Diag *diag)
{
    MaskJsonArguments *arguments = ARENA_ARRAY(arena, 1, MaskJsonArguments);
    MaskSpec *spec = ARENA_ARRAY(arena, 1, MaskSpec);

    *arguments = (MaskJsonArguments){.rules = rules, .n_rules = n, .all = all};
    *spec = (MaskSpec){.kind = &mask_json_json,
                       .text = "json",
                       .function = "",
                       .arguments = arguments};
    return masker_new(arena, spec, target, key, diag);
}
