/*
 * Texts of which some characters are replaced by others of their class, so that different
 * texts stay different: digits by digits, small letters of ASCII by small ones, capitals
 * by capitals. All else stays where it is and what it is.
 *
 *     "+49 171 55-Ab"    keep 3 -> kept "491"; symbols 7 1 5 5 A b
 *
 * The symbols are numerals, each with the radix of its class, and permuted as a whole:
 * by FF1 where there are a million strings of that form or more, else by a permutation of
 * their numbers. More symbols than FF1 takes at once become chunks of nearly the same
 * size, encrypted one after the other, each with a digest of all other symbols as its
 * tweak: those before it already encrypted, those behind it not yet. So the last chunk
 * can be decrypted first, then the one before it: different texts stay different, and
 * each symbol depends on all. What is kept, and the form, are the same before and after.
 *
 * Pure: no server, no output.
 */
#ifndef MASK_MASK_SYMBOLS_H
#define MASK_MASK_SYMBOLS_H

#include "mask/ff1.h"
#include "mask/mask_kind.h"
#include "mask/permutation.h"

/* Of one value, and reused for others; arrays grow with the longest. */
typedef struct MaskSymbols
{
    Ff1 *ff1; /* with its cipher; all of a mask share it */
    MaskMac *mac;
    PQExpBuffer scratch;
    size_t n;
    size_t capacity;
    uint8_t *numerals;
    uint8_t *radixes;
    char *bases;     /* what numeral 0 looks like */
    size_t *offsets; /* of each in the text */
    uint8_t tweak[FF1_MOST_TWEAK];
    size_t tweak_length;
    bool has_other; /* bytes beyond ASCII */
} MaskSymbols;

enum
{
    MASK_SYMBOLS_MOST_KEEP = 32, /* kept characters, which become the tweak */
    MASK_SYMBOLS_SMALL = 1000000,
    MASK_SYMBOLS_TOGETHER = 16 /* values that can be permuted at once */
};

/* Of a value that would stay as it is: it has no symbol, but other letters. */
extern const char mask_symbols_problem[];

/* For n values at once; free them in release(). They use the masker's scratch. */
MaskSymbols *mask_symbols_new(Masker *masker, size_t n);
void mask_symbols_free(MaskSymbols *symbols, size_t n);

/*
 * Collects the symbols of a text. The first ones are kept, as many as keep says, but none
 * if there are no more than these; of phones that is the first digits, and letters before
 * them are symbols as well.
 */
void mask_symbols_collect(MaskSymbols *symbols, const CopyEncoding *encoding,
                          MaskValue text, size_t keep, bool keeps_digits_only);

/* Permutes those from first on, with the tweak. */
void mask_symbols_permute(MaskSymbols *symbols, size_t first);
/* Permutes all of n values, up to MASK_SYMBOLS_TOGETHER, which is faster. */
void mask_symbols_permute_all(MaskSymbols *symbols, size_t n);

/* Writes all of them into a copy of the text that they were collected from. */
void mask_symbols_write(const MaskSymbols *symbols, char *text);

/* What a symbol looks like. */
char mask_symbols_get(const MaskSymbols *symbols, size_t i);

/* The number of strings of that form from first on, or UINT64_MAX: there are more. */
uint64_t mask_symbols_count(const MaskSymbols *symbols, size_t first);

#endif
