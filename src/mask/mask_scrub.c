/*
 * The mask scrub, of free texts: what is personal in them is replaced in place, as far as
 * it can be found. Two searches go through the text beside each other: for what looks
 * like an e-mail address, a number of a phone and so on (content.h), each masked as a
 * column of it would be, and for the values of the row's other masked columns, replaced
 * by their masks. Of two that begin at one place the longer counts. Names that are in no
 * column of the row are not found.
 */
#include <string.h>

#include "base/mem.h"
#include "mask/mask_ascii.h"
#include "mask/mask_chars.h"
#include "mask/mask_contents.h"
#include "mask/mask_kinds.h"
#include "mask/mask_needles.h"

typedef struct ScrubState
{
    MaskContents *contents;
    MaskNeedles *needles;
    PQExpBufferData canonical;
} ScrubState;

static bool
prepare_scrub(Masker *masker, Arena *arena, Diag *diag)
{
    ScrubState *state = arena_alloc(arena, sizeof(*state));

    masker->state = state;
    initPQExpBuffer(&state->canonical);
    state->needles = mask_needles_new();
    state->contents = mask_contents_new(arena, masker->spec->function, masker->key,
                                        masker->target.encoding, diag);
    return state->contents != NULL;
}

static void
release_scrub(Masker *masker)
{
    ScrubState *state = masker->state;

    mask_contents_free(state->contents);
    mask_needles_free(state->needles);
    termPQExpBuffer(&state->canonical);
}

/* The case of addresses does not count, as in columns of citext. */
static MaskValue
make_canonical_content(ScrubState *state, ContentKind kind, const MaskValue *value)
{
    if (kind != CONTENT_EMAIL)
        return *value;
    resetPQExpBuffer(&state->canonical);
    appendBinaryPQExpBuffer(&state->canonical, value->text, value->length);
    for (size_t i = 0; i < value->length; i++)
        state->canonical.data[i] = mask_ascii_to_lower(value->text[i]);
    return (MaskValue){state->canonical.data, state->canonical.len};
}

/* What stays, such as a date, is copied. */
static void
append_content(ScrubState *state, const ContentMatch *match, const char *text,
               PQExpBuffer out)
{
    MaskInput input = {.value = {text + match->start, match->length}};

    input.canonical = make_canonical_content(state, match->kind, &input.value);
    if (!mask_contents_append(state->contents, match->kind, &input, out))
        appendBinaryPQExpBuffer(out, input.value.text, input.value.length);
}

/* Where in a text the search is. */
typedef struct ScrubSearch
{
    const char *text;
    size_t length;
    const CopyEncoding *encoding;
    bool is_aligned;
    ContentMatch content; /* the next one; at the end of the text: there is none */
} ScrubSearch;

static void
find_content(ScrubSearch *search, size_t from)
{
    if (!content_find(search->text, search->length, from, search->encoding,
                      &search->content))
        search->content = (ContentMatch){.start = search->length};
}

/* Replaces what begins at that byte; returns where it ends, or the same byte. */
static size_t
replace_at(ScrubState *state, ScrubSearch *search, size_t at, size_t copied,
           PQExpBuffer out)
{
    const MaskReplacement *other =
        mask_needles_find(state->needles, search->text, search->length, at,
                          search->is_aligned);
    bool is_content = search->content.start == at;

    if (other == NULL && !is_content)
        return at;
    appendBinaryPQExpBuffer(out, search->text + copied, at - copied);
    if (other != NULL && (!is_content || other->raw.length >= search->content.length))
    {
        appendBinaryPQExpBuffer(out, other->masked.text, other->masked.length);
        at += other->raw.length;
        if (search->content.start < at)
            find_content(search, at);
        return at;
    }
    append_content(state, &search->content, search->text, out);
    at += search->content.length;
    find_content(search, at);
    return at;
}

static void
scrub_text(ScrubState *state, ScrubSearch *search, PQExpBuffer out)
{
    const char *end = search->text + search->length;
    size_t copied = 0;
    size_t at = 0;

    find_content(search, 0);
    while (at < search->length)
    {
        size_t replaced = replace_at(state, search, at, copied, out);

        if (replaced > at)
            at = copied = replaced;
        else
            at += mask_chars_step(search->encoding, search->text + at, end);
    }
    appendBinaryPQExpBuffer(out, search->text + copied, search->length - copied);
}

static MaskResult
apply_scrub(Masker *masker, const MaskInput *input, PQExpBuffer out, const char **problem)
{
    ScrubState *state = masker->state;
    const CopyEncoding *encoding = masker->target.encoding;
    size_t most = (size_t)masker->target.max_length;
    size_t start = out->len;
    ScrubSearch search = {.text = input->value.text,
                          .length = input->value.length,
                          .encoding = encoding};

    (void)problem;
    search.is_aligned = encoding->char_length != NULL ||
                        mask_chars_is_utf8(input->value.text, input->value.length);
    mask_needles_set(state->needles, input->others, input->n_others);
    scrub_text(state, &search, out);
    if (most > 0)
    {
        out->len =
            start + mask_chars_cut(encoding, out->data + start, out->len - start, most);
        out->data[out->len] = '\0';
    }
    return MASK_DONE;
}

const MaskKind mask_scrub_scrub = {
    .name = "scrub",
    .arguments = "",
    .description =
        "A text in which e-mail addresses, numbers of phones, cards and accounts, "
        "IP addresses, long numbers and the values of the row's other masked "
        "columns are masked, as far as they are found",
    .example = "Mail ann@company.com or call +49 171 1234567",
    .types = MASK_TYPE_BIT(MASK_TYPE_TEXT) | MASK_TYPE_BIT(MASK_TYPE_XML),
    .uniqueness = MASK_NOT_UNIQUE,
    .keeps_some = true,
    .prepare = prepare_scrub,
    .apply = apply_scrub,
    .release = release_scrub,
};
