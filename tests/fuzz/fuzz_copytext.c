/* A value that is escaped for COPY and taken back is the same. */
#include <stdlib.h>
#include <string.h>

#include "base/copytext.h"
#include "fuzz.h"

enum
{
    MOST_FIELDS = 8
};

static void
check_round_trip(const char *text, size_t length)
{
    const CopyEncoding encoding = {0};
    PQExpBufferData escaped;
    PQExpBufferData back;
    CopyLine line;
    CopyField field;

    initPQExpBuffer(&escaped);
    initPQExpBuffer(&back);
    copytext_append_escaped(&escaped, text, length, &encoding);
    line = copytext_line(escaped.data, escaped.len);
    fuzz_expect(copytext_next_field(&line, &field), "a value is a field");
    fuzz_expect(!field.is_null, "a value is not NULL");
    copytext_unescape(&back, &field, &encoding);
    fuzz_expect(back.len == length && memcmp(back.data, text, length) == 0,
                "a value comes back");
    fuzz_expect(!copytext_next_field(&line, &field), "a value is one field");
    termPQExpBuffer(&escaped);
    termPQExpBuffer(&back);
}

static void
read_line(const char *text, size_t length)
{
    const CopyEncoding encoding = {0};
    CopyLine line = copytext_line(text, length);
    CopyField field;
    PQExpBufferData out;

    initPQExpBuffer(&out);
    while (copytext_next_field(&line, &field))
    {
        copytext_append_element(&out, &field, &encoding);
        copytext_append_literal(&out, &field, &encoding);
        if (!field.is_null)
            copytext_unescape(&out, &field, &encoding);
    }
    termPQExpBuffer(&out);
}

/* The fields are those that are found one after the other. */
static void
check_split(const char *text, size_t length)
{
    CopyField fields[MOST_FIELDS];
    size_t n = copytext_split(text, length, fields, MOST_FIELDS);
    CopyLine line = {.rest = text, .length = length};
    CopyField field;
    size_t n_found = 0;

    for (; copytext_next_field(&line, &field); n_found++)
    {
        if (n_found >= MOST_FIELDS)
            continue;
        fuzz_expect(fields[n_found].text == field.text &&
                        fields[n_found].length == field.length &&
                        fields[n_found].is_null == field.is_null,
                    "a field is the same");
        fuzz_expect(fields[n_found].has_escapes ==
                        (memchr(field.text, '\\', field.length) != NULL),
                    "a field has escapes");
    }
    fuzz_expect(n == n_found, "these are all of them");
}

int
fuzz_copytext(const uint8_t *data, size_t size)
{
    char *text = fuzz_copy_text(data, size);
    PQExpBufferData comment;

    /* a text of PostgreSQL has no NUL bytes */
    check_round_trip(text, strlen(text));
    read_line(text, size);
    check_split(text, size);
    initPQExpBuffer(&comment);
    copytext_append_comment(&comment, text);
    fuzz_expect(strpbrk(comment.data, "\r\n") == NULL, "a comment stays on its line");
    termPQExpBuffer(&comment);
    free(text);
    return 0;
}
