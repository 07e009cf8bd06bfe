#include "load/source/format.h"

#include <string.h>
#include <strings.h>

static const struct
{
    const char *extension;
    InputFormat format;
} extensions[] = {
    {".csv", INPUT_CSV},     {".copy", INPUT_COPY},    {".tsv", INPUT_COPY},
    {".txt", INPUT_COPY},    {".sql", INPUT_DUMP},     {".json", INPUT_JSON},
    {".jsonl", INPUT_JSONL}, {".ndjson", INPUT_JSONL},
};

static bool
ends_with(const char *name, size_t length, const char *end)
{
    size_t n = strlen(end);

    return length > n && strncasecmp(name + length - n, end, n) == 0;
}

InputFormat
format_of_name(const char *name, size_t *stem_length)
{
    size_t length = strlen(name);

    if (ends_with(name, length, ".gz"))
        length -= strlen(".gz");
    else if (ends_with(name, length, ".zst"))
        length -= strlen(".zst");
    *stem_length = length;
    for (size_t i = 0; i < sizeof(extensions) / sizeof(extensions[0]); i++)
    {
        if (!ends_with(name, length, extensions[i].extension))
            continue;
        *stem_length = length - strlen(extensions[i].extension);
        return extensions[i].format;
    }
    return INPUT_AUTO;
}

static bool
begins_with(const char *start, size_t length, const char *text)
{
    size_t n = strlen(text);

    return length >= n && memcmp(start, text, n) == 0;
}

bool
format_is_dump(const char *start, size_t length)
{
    return begins_with(start, length, "--\n-- Sample of a PostgreSQL database") ||
           begins_with(start, length, "--\n-- PostgreSQL database dump");
}

/* Records of JSON are objects, perhaps in an array. */
static bool
is_json(const char *start, size_t length)
{
    size_t at = begins_with(start, length, "\xef\xbb\xbf") ? 3 : 0;

    while (at < length && memchr(" \t\r\n", start[at], 4) != NULL)
        at++;
    return at < length && (start[at] == '{' || start[at] == '[');
}

InputFormat
format_of_contents(const char *name, const char *start, size_t length, Diag *diag)
{
    if (begins_with(start, length, "PGDMP"))
    {
        diag_set_message(diag, "%s is an archive of pg_dump, not a plain-text dump",
                         name);
        diag_set_hint(diag, "Convert it with \"pg_restore --file=dump.sql\".");
        return INPUT_AUTO;
    }
    if (format_is_dump(start, length))
        return INPUT_DUMP;
    return is_json(start, length) ? INPUT_JSON : INPUT_CSV;
}
