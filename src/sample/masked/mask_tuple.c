#include "sample/masked/mask_tuple.h"

#include <stddef.h>
#include <string.h>
#include <sys/random.h>

#include "base/die.h"

typedef struct SipState
{
    uint64_t v0;
    uint64_t v1;
    uint64_t v2;
    uint64_t v3;
} SipState;

enum
{
    NULL_LENGTH = -1
};

MaskSeed
mask_tuple_make_seed(void)
{
    MaskSeed seed;

    if (getrandom(&seed, sizeof(seed), 0) != (ssize_t)sizeof(seed))
        die_errno(EXIT_OUTPUT, "could not get random bytes");
    return seed;
}

/* ---- the hash */

static inline uint64_t
rotate_left(uint64_t x, int n)
{
    return x << n | x >> (64 - n);
}

static inline void
sip_round(SipState *s)
{
    s->v0 += s->v1;
    s->v2 += s->v3;
    s->v1 = rotate_left(s->v1, 13) ^ s->v0;
    s->v3 = rotate_left(s->v3, 16) ^ s->v2;
    s->v0 = rotate_left(s->v0, 32);
    s->v2 += s->v1;
    s->v0 += s->v3;
    s->v1 = rotate_left(s->v1, 17) ^ s->v2;
    s->v3 = rotate_left(s->v3, 21) ^ s->v0;
    s->v2 = rotate_left(s->v2, 32);
}

static inline void
sip_word(SipState *s, uint64_t word)
{
    s->v3 ^= word;
    sip_round(s);
    s->v0 ^= word;
}

/* Less than eight bytes. */
static inline uint64_t
load_rest(const char *text, size_t n)
{
    uint64_t rest = 0;
    uint32_t four;
    uint16_t two;
    unsigned at = 0; /* bits */

    if ((n & 4) != 0)
    {
        memcpy(&four, text, sizeof(four));
        rest = four;
        at = 32;
    }
    if ((n & 2) != 0)
    {
        memcpy(&two, text + (n & 4), sizeof(two));
        rest |= (uint64_t)two << at;
        at += 16;
    }
    if ((n & 1) != 0)
        rest |= (uint64_t)(unsigned char)text[n - 1] << at;
    return rest;
}

uint64_t
mask_tuple_hash(const MaskSeed *seed, const char *text, size_t length)
{
    SipState s = {.v0 = seed->words[0] ^ UINT64_C(0x736f6d6570736575),
                  .v1 = seed->words[1] ^ UINT64_C(0x646f72616e646f6d),
                  .v2 = seed->words[0] ^ UINT64_C(0x6c7967656e657261),
                  .v3 = seed->words[1] ^ UINT64_C(0x7465646279746573)};
    const char *end = text + length;
    uint64_t word;

    for (; end - text >= (ptrdiff_t)sizeof(word); text += sizeof(word))
    {
        memcpy(&word, text, sizeof(word));
        sip_word(&s, word);
    }
    sip_word(&s, (uint64_t)length << 56 | load_rest(text, (size_t)(end - text)));
    s.v2 ^= 0xff;
    for (int i = 0; i < 3; i++)
        sip_round(&s);
    return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

/* ---- tuples */

static void
append_tuple_value(PQExpBuffer text, MaskValue value)
{
    int64_t length = value.text != NULL ? (int64_t)value.length : NULL_LENGTH;

    appendBinaryPQExpBuffer(text, (const char *)&length, sizeof(length));
    if (value.text != NULL)
        appendBinaryPQExpBuffer(text, value.text, value.length);
}

static void
make_single(MaskTuple *tuples, size_t n_rows, const MaskSeed *seed,
            const MaskValue *values)
{
    for (size_t i = 0; i < n_rows; i++)
    {
        if (values[i].text == NULL)
            tuples[i] = (MaskTuple){.n_null = 1};
        else
            tuples[i] = (MaskTuple){
                .hash = mask_tuple_hash(seed, values[i].text, values[i].length)};
    }
}

static const MaskTuple *
get_single_tuples(MaskBatch *batch, MaskSide side, int column)
{
    MaskTuple **tuples = &batch->sides[side].tuples[column];
    const MaskValue *values;

    if (*tuples != NULL)
        return *tuples;
    values = mask_batch_get_canonical(batch, side, column);
    *tuples = ARENA_ARRAY(batch->arena, batch->n_rows + 1, MaskTuple);
    make_single(*tuples, batch->n_rows, &batch->seed, values);
    return *tuples;
}

const MaskTuple *
mask_tuple_make(MaskBatch *batch, MaskSide side, const int *columns, int n)
{
    const MaskValue **values;
    MaskTuple *tuples;

    if (n == 1)
        return get_single_tuples(batch, side, columns[0]);
    values = ARENA_ARRAY(batch->arena, n + 1, const MaskValue *);
    tuples = ARENA_ARRAY(batch->arena, batch->n_rows + 1, MaskTuple);
    for (int i = 0; i < n; i++)
        values[i] = mask_batch_get_canonical(batch, side, columns[i]);
    for (size_t row = 0; row < batch->n_rows; row++)
    {
        resetPQExpBuffer(&batch->scratch);
        for (int i = 0; i < n; i++)
        {
            append_tuple_value(&batch->scratch, values[i][row]);
            tuples[row].n_null += values[i][row].text == NULL ? 1 : 0;
        }
        tuples[row].hash =
            mask_tuple_hash(&batch->seed, batch->scratch.data, batch->scratch.len);
    }
    return tuples;
}
