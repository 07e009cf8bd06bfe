/*
 * Texts as words, for finding values in them: a word is a run of letters, digits, bytes
 * from 0x80 on, and of what e-mail addresses, numbers and names have within (@ . _ %
 * '), which does not count at its ends. Large letters are like small ones. So "Call
 * +49 30/123456, JO@example.org." has the words call, 49, 30, 123456, jo@example.org.
 *
 * Words are hashes of 64 bits, made in one pass over the bytes; a value of several words
 * is named by a hash of their hashes. Hashes are seeded, so that nobody can make a text
 * with words that are taken for others.
 *
 * Pure: no server, no output.
 */
#ifndef SAMPLE_MASKED_LEAK_WORDS_H
#define SAMPLE_MASKED_LEAK_WORDS_H

#include <stddef.h>
#include <stdint.h>

typedef struct LeakWords
{
    uint64_t seed;
    uint64_t *words;
    size_t n;
    size_t capacity;
} LeakWords;

void leak_words_init(LeakWords *words, uint64_t seed);
void leak_words_free(LeakWords *words);

/* Replaces the words by those of the text. */
void leak_words_split(LeakWords *words, const char *text, size_t length);

/*
 * Resolves, in place, escapes that json has in its strings, also where json is in a text:
 * \n and the like end a word, and \u00e9 becomes UTF-8.
 */
void leak_words_resolve(char *text, size_t *length);

/* The hash of a word and of those before it, which have one already. */
static inline uint64_t
leak_words_join(uint64_t before, uint64_t word)
{
    uint64_t hash = (before ^ (word >> 32 | word << 32)) * UINT64_C(0x9fb21c651e98df25);

    return hash ^ hash >> 29;
}

#endif
