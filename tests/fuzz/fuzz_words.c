/*
 * Values of rows and texts of the dump, as they are searched for what looks personal and
 * for raw values, in memory that ends where they end; and row ids. What is found is in
 * the text, and resolving escapes makes nothing longer.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "fuzz.h"
#include "mask/content.h"
#include "model/rowid.h"
#include "sample/masked/leak_words.h"

static int
get_pair_length(const char *text, int encoding)
{
    (void)encoding;
    return (unsigned char)*text >= 0x80 ? 2 : 1;
}

static void
find_contents(const char *text, size_t size, const CopyEncoding *encoding)
{
    ContentMatch match;
    size_t from = 0;

    (void)content_classify(text, size);
    while (content_find(text, size, from, encoding, &match))
    {
        fuzz_expect(match.start >= from && match.length > 0,
                    "a match is behind the last");
        fuzz_expect(match.start + match.length <= size, "a match is in the text");
        from = match.start + match.length;
    }
}

static void
split_text(char *text, size_t size)
{
    LeakWords words;
    size_t length = size;
    size_t n;

    leak_words_init(&words, 4711);
    leak_words_split(&words, text, size);
    n = words.n;
    leak_words_split(&words, text, size);
    fuzz_expect(words.n == n && n <= size, "a text has the same words again");
    leak_words_resolve(text, &length);
    fuzz_expect(length <= size, "a text without escapes is not longer");
    leak_words_split(&words, text, length);
    leak_words_free(&words);
}

static void
read_row_id(const char *text, size_t size)
{
    uint32_t block;
    uint32_t offset;
    char *again;

    if (!rowid_parse_ctid(text, size, &block, &offset))
        return;
    again = mem_format("(%u,%u)", block, offset);
    fuzz_expect(strlen(again) <= size, "a row id is made of its numbers");
    free(again);
}

int
fuzz_words(const uint8_t *data, size_t size)
{
    static const CopyEncoding pairs = {.char_length = get_pair_length};
    static const CopyEncoding plain = {0};
    char *text = mem_alloc(size > 0 ? size : 1);

    memcpy(text, data, size);
    find_contents(text, size, &plain);
    find_contents(text, size, &pairs);
    read_row_id(text, size);
    split_text(text, size);
    free(text);
    return 0;
}
