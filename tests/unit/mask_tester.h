/*
 * Masks values for tests, and checks what holds for each mask whatever the value is.
 *
 * Release what mask_tester_new() returns by mask_tester_free(); texts that are returned
 * are the tester's, until the next call.
 */
#ifndef TESTS_UNIT_MASK_TESTER_H
#define TESTS_UNIT_MASK_TESTER_H

#include "mask/mask.h"

typedef struct MaskTester
{
    Arena *arena;
    MaskKey *key;
    MaskSpec spec;
    Masker *masker;
    PQExpBufferData out;
    const char *problem; /* of the last value; NULL: it was masked */
} MaskTester;

/* Fails the test unless the mask takes the column. */
MaskTester *mask_tester_new(const char *rule, const MaskTarget *target, const char *key);
void mask_tester_free(MaskTester *tester);

/* NULL: the value is masked by NULL, or refused. */
const char *mask_tester_apply(MaskTester *tester, const char *value);
const char *mask_tester_apply_bytes(MaskTester *tester, const char *value, size_t length);

/* Is the mask's error for the column this one? */
void mask_tester_check_refused(const char *rule, const MaskTarget *target,
                               const char *message, const char *hint);

/* Fills text with a random value of up to most characters, of this number. */
typedef size_t (*MaskTesterMake)(char *text, unsigned number, size_t most);

/* Words, numbers, punctuation, and letters of other scripts in UTF-8. */
size_t mask_tester_make_utf8(char *text, unsigned number, size_t most);
/* The same in EUC_JP. */
size_t mask_tester_make_euc(char *text, unsigned number, size_t most);

/*
 * Masks 10,000 of them: each twice alike, by another key otherwise in 99 % of them at
 * least, no longer than the column, and valid in its encoding; all different if the mask
 * is unique.
 */
void mask_tester_check(const char *rule, const MaskTarget *target, MaskTesterMake make);
/* The same of a mask that changes parts of values only: not by the key. */
void mask_tester_check_valid(const char *rule, const MaskTarget *target,
                             MaskTesterMake make);

#endif
