#include "mask/mask_contents.h"

#include <stdlib.h>

#include "base/mem.h"
#include "mask/mask_kind.h"

/* A mask with its masker. */
typedef struct ContentMask
{
    MaskSpec spec;
    Masker *masker; /* NULL: there is none */
} ContentMask;

struct MaskContents
{
    ContentMask masks[CONTENT_N_KINDS];
    ContentMask pattern;
};

/* By its name; one that takes no texts is left out. */
static bool
make_content_mask(ContentMask *mask, const char *name, const char *suffix, Arena *arena,
                  MaskKey *key, const CopyEncoding *encoding, Diag *diag)
{
    MaskTarget target = {.type = MASK_TYPE_TEXT, .encoding = encoding};
    char *text = mem_format("%s%s", name, suffix);
    bool is_mask = mask_spec_parse(&mask->spec, arena, text, diag);

    free(text);
    if (!is_mask)
        return false;
    if ((mask->spec.kind->types & MASK_TYPE_BIT(MASK_TYPE_TEXT)) == 0)
        return true;
    mask->masker = masker_new(arena, &mask->spec, &target, key, diag);
    return mask->masker != NULL;
}

static const char *
get_mask_name(ContentKind kind)
{
    if (kind == CONTENT_UUID)
        return "uuid";
    return kind == CONTENT_NUMBER ? "pattern" : content_get_mask(kind);
}

MaskContents *
mask_contents_new(Arena *arena, const char *suffix, MaskKey *key,
                  const CopyEncoding *encoding, Diag *diag)
{
    MaskContents *contents = arena_alloc(arena, sizeof(*contents));
    bool is_done = make_content_mask(&contents->pattern, "pattern", suffix, arena, key,
                                     encoding, diag);

    for (int i = 0; i < CONTENT_N_KINDS && is_done; i++)
    {
        const char *name = get_mask_name((ContentKind)i);

        is_done = name == NULL || make_content_mask(&contents->masks[i], name, suffix,
                                                    arena, key, encoding, diag);
    }
    if (is_done)
        return contents;
    mask_contents_free(contents);
    return NULL;
}

void
mask_contents_free(MaskContents *contents)
{
    if (contents == NULL)
        return;
    masker_free(contents->pattern.masker);
    for (int i = 0; i < CONTENT_N_KINDS; i++)
        masker_free(contents->masks[i].masker);
}

static bool
append_by(const ContentMask *mask, const MaskInput *input, PQExpBuffer out)
{
    const char *problem;

    return mask->masker != NULL &&
           masker_apply(mask->masker, input, out, &problem) == MASK_DONE;
}

bool
mask_contents_append_pattern(MaskContents *contents, const MaskInput *input,
                             PQExpBuffer out)
{
    return append_by(&contents->pattern, input, out);
}

bool
mask_contents_append(MaskContents *contents, ContentKind kind, const MaskInput *input,
                     PQExpBuffer out)
{
    if (get_mask_name(kind) == NULL)
        return false;
    return append_by(&contents->masks[kind], input, out) ||
           append_by(&contents->pattern, input, out);
}
