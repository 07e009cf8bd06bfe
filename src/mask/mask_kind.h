/*
 * A kind of masks: email, key, date ... Each is a row of the table in mask_kinds.c, and
 * has its functions in a file of its family: mask_text.c, mask_digits.c ...
 */
#ifndef MASK_MASK_KIND_H
#define MASK_MASK_KIND_H

#include "mask/mask.h"

/* The words of a rule behind the name of the mask, without "in NAME" and "by COLUMN". */
typedef struct MaskWords
{
    const char *const *words; /* 'quoted' ones without their quotes; "|" is one */
    const bool *is_quoted;
    int n;
} MaskWords;

struct MaskKind
{
    const char *name;
    const char *arguments;    /* for --mask-list and the manual: "[keep N]", or "" */
    const char *description;  /* a sentence without its full stop */
    const char *example;      /* a value to show it with; of the first of its types */
    const char *example_rule; /* the mask to show; NULL: its name alone */
    uint32_t types;           /* MASK_TYPE_BIT()s; 0: all */
    MaskUniqueness uniqueness;
    bool takes_by;    /* "by COLUMN" may follow */
    bool generalises; /* one mask for many values, which rows hide among: a group */
    bool keeps_some;  /* see mask_spec_keeps_some() */

    /*
     * Reads the arguments; NULL: there are none. False with diag. It may set
     * spec->function to one text for all that mean the same, with what is left out
     * filled in; else that is the words.
     */
    bool (*parse)(MaskSpec *spec, Arena *arena, const MaskWords *words, Diag *diag);
    /* Instead of the member, where it depends on arguments or column; or NULL. */
    MaskUniqueness (*get_uniqueness)(const MaskSpec *spec, const MaskTarget *target);
    /* Instead of keeps_some, where it depends on arguments or column; or NULL. */
    bool (*keeps_some_of)(const MaskSpec *spec, const MaskTarget *target);
    /* For mask_spec_get_note(), or NULL. */
    const char *(*get_note)(const MaskSpec *spec, const MaskTarget *target);
    /* For mask_spec_get_constants(), or NULL. */
    const char *const *(*get_constants)(const MaskSpec *spec, int *n);
    /* Checks that it fits, and makes masker->state; or NULL. False with diag. */
    bool (*prepare)(Masker *masker, Arena *arena, Diag *diag);
    /* masker_apply() of a value that is no array. */
    MaskResult (*apply)(Masker *masker, const MaskInput *input, PQExpBuffer out,
                        const char **problem);
    /* masker_apply_all(), where that is faster than apply() one by one; or NULL. */
    bool (*apply_all)(Masker *masker, const MaskInput *inputs, size_t n, PQExpBuffer out,
                      MaskOutput *outputs, const char **problem);
    /* Releases what state holds outside of the arena; or NULL. */
    void (*release)(Masker *masker);
};

/* A column's mask. What kinds need for a value they have in state, made by prepare. */
struct Masker
{
    const MaskSpec *spec;
    MaskTarget target;
    MaskKey *key;
    MaskMac *mac;            /* of kind and domain */
    void *state;             /* of the kind */
    struct MaskArray *array; /* for arrays; else NULL */
    PQExpBufferData scratch;
};

/* ---- mask_kinds.c */

/* All kinds, in the order of the manual; *n becomes their number. */
const MaskKind *const *mask_kinds_get(size_t *n);
/* The kind of that name, or NULL. */
const MaskKind *mask_kinds_find(const char *name);
/* The nearest name to one that is none, or NULL. */
const char *mask_kinds_find_nearest(const char *name);
/* Appends the names of the types that a kind takes: "text, uuid". */
void mask_kinds_append_types(PQExpBuffer text, const MaskKind *kind);
/*
 * Appends the masks for a type but one that will not do; of a key, those that keep
 * different values different.
 */
void mask_kinds_append_names(PQExpBuffer text, MaskType type, bool is_unique,
                             const MaskKind *except);
/* Is a mask of that kind one for columns of the type? */
bool mask_kinds_takes(const MaskKind *kind, MaskType type);

/* ---- mask_words.c: for parsing arguments */

/*
 * "keep N" alone or nothing; *keep stays as it is without it. False with diag. For N up
 * to most.
 */
bool mask_words_read_keep(const MaskSpec *spec, const MaskWords *words, int most,
                          int *keep, Diag *diag);
/* Reads digits alone as a number up to most; false if it is none. */
bool mask_words_read_number(const char *word, int64_t most, int64_t *number);
/* Fills in the diag about the first word, or that one is missing; returns false. */
bool mask_words_reject(const MaskSpec *spec, const MaskWords *words, Diag *diag);

#endif
