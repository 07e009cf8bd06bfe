/*
 * Words of texts, against a splitter that looks at one byte after the other: the same
 * words wherever they stand and however their letters are written, of any length, and
 * different hashes for different words.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "sample/masked/leak_words.h"
#include "tap.h"

enum
{
    N_TEXTS = 20000,
    MOST_BYTES = 80,
    SEED = 4711
};

static uint64_t state = 1;

static unsigned
draw_below(unsigned n)
{
    state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(state >> 33) % n;
}

static bool
is_inner(char c)
{
    return strchr("@._%'", c) != NULL;
}

static bool
is_strong(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (unsigned char)c >= 0x80;
}

/* The next word in small letters; false: there is none. */
static bool
take_word(const char **next, char *word)
{
    const char *c = *next;
    size_t n = 0;

    while (*c != '\0' && !is_strong(*c))
        c++;
    for (; *c != '\0' && (is_strong(*c) || is_inner(*c)); c++)
        word[n++] = (char)(*c >= 'A' && *c <= 'Z' ? *c + 32 : *c);
    *next = c;
    while (n > 0 && is_inner(word[n - 1]))
        n--;
    word[n] = '\0';
    return n > 0;
}

static void
make_text(char *text)
{
    static const char bytes[] = "abczABCZ019@[`{.._%'' ,/\t-\xc3\xa4\xe6\x97\xa5";
    size_t n = draw_below(MOST_BYTES);

    for (size_t i = 0; i < n; i++)
        text[i] = bytes[draw_below(sizeof(bytes) - 1)];
    text[n] = '\0';
}

/* Each word of the text, alone, has the hash that it has in the text. */
static int
count_wrong(LeakWords *words, LeakWords *alone, const char *text)
{
    char *copy = mem_copy_part(text, strlen(text)); /* of that size: nothing behind it */
    const char *next = text;
    char word[MOST_BYTES + 1];
    size_t n = 0;
    int n_wrong = 0;

    leak_words_split(words, copy, strlen(text));
    for (; take_word(&next, word); n++)
    {
        leak_words_split(alone, word, strlen(word));
        n_wrong += alone->n != 1 || n >= words->n || alone->words[0] != words->words[n];
    }
    free(copy);
    return n_wrong + (n != words->n);
}

static void
check_random_texts(void)
{
    LeakWords words;
    LeakWords alone;
    char text[MOST_BYTES + 1];
    int n_wrong = 0;

    leak_words_init(&words, SEED);
    leak_words_init(&alone, SEED);
    for (int i = 0; i < N_TEXTS; i++)
    {
        make_text(text);
        n_wrong += count_wrong(&words, &alone, text);
    }
    is_int(n_wrong, 0, "words of %d texts", N_TEXTS);
    leak_words_free(&words);
    leak_words_free(&alone);
}

static int
compare_hashes(const void *a, const void *b)
{
    const uint64_t *one = a;
    const uint64_t *other = b;

    return (*one > *other) - (*one < *other);
}

/* Of any length up to 30, and those that differ in one letter. */
static void
check_different_words(void)
{
    static uint64_t hashes[30 * 31 / 2 + 30];
    LeakWords words;
    char word[31];
    size_t n = 0;
    int n_equal = 0;

    leak_words_init(&words, SEED);
    for (size_t length = 1; length <= 30; length++)
    {
        memset(word, 'a', length);
        for (size_t i = 0; i <= length; i++)
        {
            if (i < length)
                word[i] = 'B';
            leak_words_split(&words, word, length);
            hashes[n++] = words.words[0];
            if (i < length)
                word[i] = 'a';
        }
    }
    qsort(hashes, n, sizeof(*hashes), compare_hashes);
    for (size_t i = 1; i < n; i++)
        n_equal += hashes[i - 1] == hashes[i];
    is_int(n_equal, 0, "%d different words", (int)n);
    leak_words_free(&words);
}

static void
check_seeds(void)
{
    LeakWords one;
    LeakWords other;

    leak_words_init(&one, 1);
    leak_words_init(&other, 2);
    leak_words_split(&one, "jo@example.org", 14);
    leak_words_split(&other, "jo@example.org", 14);
    ok(one.n == 1 && other.n == 1 && one.words[0] != other.words[0], "the seed counts");
    leak_words_free(&one);
    leak_words_free(&other);
}

int
main(void)
{
    check_random_texts();
    check_different_words();
    check_seeds();
    return done_testing();
}
