/*
 * Masks: functions that give each value of a column another one, which is not real. The
 * same key gives the same value the same mask, in every column, table and run; without
 * the key it cannot be computed, nor found by trying all values.
 *
 *     "email example.org"         mask_spec_parse()   -> MaskSpec: what a rule asks for
 *     a column: type, length ...  masker_new()        -> Masker: a MaskSpec for a column
 *     a value                     masker_apply()      -> the masked value
 *
 * A mask computes with mac = HMAC-SHA256(key, kind \0 domain \0 canonical value). The
 * domain is the mask's arguments, so that equal values of columns without a foreign key
 * are masked alike; "in NAME" makes it another one. The canonical value is equal for
 * values that the column's type takes for equal.
 *
 * Values are bytes in the encoding of the dump, their escapes resolved. What masks add is
 * ASCII, so it fits into every encoding.
 *
 * Pure: no server, no output.
 */
#ifndef MASK_MASK_H
#define MASK_MASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/copyencoding.h"
#include "base/diag.h"
#include "base/strbuf.h"
#include "mask/mask_key.h"

/* What masks distinguish of types. Those of domains are the types below. */
typedef enum MaskType
{
    MASK_TYPE_OTHER, /* keep, null, fixed and sql() alone are for it */
    MASK_TYPE_TEXT,  /* text, varchar, char(n), name, citext */
    MASK_TYPE_INTEGER,
    MASK_TYPE_NUMERIC,
    MASK_TYPE_FLOAT,
    MASK_TYPE_BOOLEAN,
    MASK_TYPE_DATE,
    MASK_TYPE_TIMESTAMP, /* with time zone or without */
    MASK_TYPE_UUID,
    MASK_TYPE_INET, /* inet, cidr */
    MASK_TYPE_MACADDR,
    MASK_TYPE_BYTEA,
    MASK_TYPE_JSON, /* json, jsonb */
    MASK_TYPE_HSTORE,
    MASK_TYPE_XML,
    MASK_TYPE_TSVECTOR,
    MASK_TYPE_ENUM,
    MASK_TYPE_POINT
} MaskType;

#define MASK_TYPE_BIT(type) (UINT32_C(1) << (type))

/* What a column takes; of an array: what its elements do. */
typedef struct MaskTarget
{
    MaskType type;
    int size;        /* bytes of an integer, float, or macaddr; else 0 */
    bool is_array;   /* the value is an array literal; each element is masked */
    int max_length;  /* characters that varchar(n) and char(n) have room for; 0: any */
    bool is_padded;  /* char(n): values come padded with blanks */
    bool is_lowered; /* a column of its class is citext: equal but for letters' case */
    bool is_cidr;
    bool has_time_zone;
    bool is_nullable;
    bool is_unique;  /* of a unique or referenced key: the mask must not map two values
                        to one */
    int precision;   /* of numeric(p, s); 0: any */
    int scale;       /* of numeric(p, s) */
    int64_t maximum; /* of an integer key: the mask key permutes 1 to this; 0: unknown */
    const char *const *labels; /* of an enum, in its order */
    int n_labels;
    const CopyEncoding *encoding;
} MaskTarget;

/* Can two values get one mask? */
typedef enum MaskUniqueness
{
    MASK_NOT_UNIQUE,
    MASK_UNIQUE,   /* practically not: it has at least 64 bits of the mac */
    MASK_INJECTIVE /* not by construction */
} MaskUniqueness;

typedef struct MaskKind MaskKind; /* see mask_kind.h */

/* What is right of the = of a rule. */
typedef struct MaskSpec
{
    const MaskKind *kind;
    const char *text;      /* as given, blanks around it removed */
    const char *function;  /* arguments, defaults included, and "in NAME": the domain */
    const char *by_column; /* of "by COLUMN": name of a column of the table, or NULL */
    const char *sql;       /* of sql(EXPRESSION): what the server evaluates; or NULL */
    const void *arguments; /* what the kind has made of the others */
} MaskSpec;

/*
 * Parses a mask with its arguments; what it keeps is in the arena. False with a message
 * in diag that begins with the problem, and a hint: the nearest name, or the arguments
 * that the kind takes.
 */
bool mask_spec_parse(MaskSpec *spec, Arena *arena, const char *text, Diag *diag)
    __attribute__((warn_unused_result));

/*
 * Do both ask for the same function of a value? Of two with "by COLUMN" only if the
 * columns have one name.
 */
bool mask_spec_is_same(const MaskSpec *a, const MaskSpec *b);

/* How unique its masks are in columns of that kind. */
MaskUniqueness mask_spec_get_uniqueness(const MaskSpec *spec, const MaskTarget *target);

/*
 * Can values of columns of that kind be their own masks, and not by chance alone: amounts
 * that are round already, texts without a name?
 */
bool mask_spec_keeps_some(const MaskSpec *spec, const MaskTarget *target);

/*
 * What a plan should say of it in columns of that kind, or NULL: a phrase, such as that
 * who knows some masked values can find others by trying.
 */
const char *mask_spec_get_note(const MaskSpec *spec, const MaskTarget *target);

/*
 * The values of the rule that become masked values as they are, such as of "fixed VALUE":
 * *n of them, whose type the server checks.
 */
const char *const *mask_spec_get_constants(const MaskSpec *spec, int *n);

/* Does it leave values as they are? */
bool mask_spec_is_keep(const MaskSpec *spec);

/* Bytes; text NULL: there is no value. */
typedef struct MaskValue
{
    const char *text;
    size_t length;
} MaskValue;

/* A masked value of another column of the row, and what it was. */
typedef struct MaskReplacement
{
    MaskValue raw;
    MaskValue masked;
} MaskReplacement;

typedef struct MaskInput
{
    MaskValue value;               /* not NULL: that stays NULL */
    MaskValue canonical;           /* the same bytes as value where that is canonical */
    MaskValue by;                  /* of "by COLUMN": its canonical value */
    const MaskReplacement *others; /* for scrub: of the row, those masked before it */
    size_t n_others;
} MaskInput;

typedef enum MaskResult
{
    MASK_DONE,
    MASK_NULL,   /* the masked value is NULL */
    MASK_REFUSED /* the value has no mask, such as a key beyond the maximum */
} MaskResult;

/* A mask for a column; kept in the arena, with contexts that masker_free() releases. */
typedef struct Masker Masker;

/*
 * Makes the mask for columns of that kind; the key must outlive it. NULL, with a message
 * in diag that begins with the problem, when the type is not one of the mask's, the
 * column is too short, or masks would not be unique where they must be.
 */
Masker *masker_new(Arena *arena, const MaskSpec *spec, const MaskTarget *target,
                   MaskKey *key, Diag *diag);

/* A rule for what is at a path of json values. */
typedef struct MaskJsonRule
{
    const char *path; /* "$.a.b", "$.a[*].c", "$..email" */
    const MaskSpec *spec;
} MaskJsonRule;

/*
 * The same for json values whose members are masked by rules; all, or NULL, is the rule
 * "json all" of the column, over which those of paths win.
 */
Masker *masker_new_json(Arena *arena, const MaskJsonRule *rules, size_t n,
                        const MaskSpec *all, const MaskTarget *target, MaskKey *key,
                        Diag *diag);

/*
 * Has the path of that rule of masker_new_json() led to a part of a value so far? If not,
 * no value has it, or a rule before it is for the same.
 */
bool mask_json_has_led(const Masker *masker, size_t rule);

/*
 * Appends the mask of the value. When it is MASK_REFUSED, *problem is a phrase that names
 * no value, and nothing is appended.
 */
MaskResult masker_apply(Masker *masker, const MaskInput *input, PQExpBuffer out,
                        const char **problem);

/* One of many masks that stand one behind the other. */
typedef struct MaskOutput
{
    size_t end; /* in the buffer; it begins at the end of the one before it */
    bool is_null;
} MaskOutput;

/*
 * The same for n values at once, which is faster where masks encrypt. False when one of
 * them is refused.
 */
bool masker_apply_all(Masker *masker, const MaskInput *inputs, size_t n, PQExpBuffer out,
                      MaskOutput *outputs, const char **problem);

void masker_free(Masker *masker);

/* ---- mask_list.c */

/* Appends all masks, with arguments and an example of each, for --mask-list. */
void mask_list_append(PQExpBuffer text);

#endif
