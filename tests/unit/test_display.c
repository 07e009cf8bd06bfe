#include "base/display.h"

#include <stdlib.h>
#include <string.h>

#include "tap.h"

static void
is_escaped(const char *text, const char *indentation, const char *expected,
           const char *name)
{
    char *escaped = display_escape(text, indentation);

    is_str(escaped, expected, "%s", name);
    free(escaped);
}

/* What a function writes to a stream. */
static char *
read_back(FILE *file)
{
    static char text[512];
    size_t n;

    rewind(file);
    n = fread(text, 1, sizeof(text) - 1, file);
    text[n] = '\0';
    fclose(file);
    return text;
}

static void
test_escaping(void)
{
    is_escaped("plain \t text", NULL, "plain \t text", "text and tabs stay");
    is_escaped("\033[31m\a\b\177", NULL, "\\x1B[31m\\x07\\x08\\x7F", "ASCII controls");
    is_escaped("a\r\nb", NULL, "a\\r\\nb", "line ends");
    is_escaped("a\nb\r\n", "  ", "a\n  b\\r\n  ", "newlines that stay are indented");
    is_escaped("\xc2\x9b"
               "31m",
               NULL, "\\u009B31m", "C1 in UTF-8");
    is_escaped("\x9b"
               "31m",
               NULL, "\\x9B31m", "C1 as a byte of its own");
    is_escaped("\xc2\xa0\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", NULL,
               "\xc2\xa0\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", "other characters stay");
    is_escaped("\xe9t\xe9", NULL, "\xe9t\xe9", "other bytes stay");
    is_escaped("\xc3", NULL, "\xc3", "a character that is cut off");
    is_escaped("\xe2\x9b", NULL, "\xe2\\x9B", "its rest is read anew");
    is_escaped("\xe0\x82\x9b", NULL, "\xe0\\x82\\x9B", "an overlong character is none");
}

static void
test_printing(void)
{
    FILE *file = tmpfile();

    display(file, "%-4s|%4s|%.2s|%*s|%s\n", "\n", "a", "abc", 5, "b", "\033");
    is_str(read_back(file), "\\n  |   a|ab|    b|\\x1B\n", "texts");
    file = tmpfile();
    display(file, "%d %5zu %ld %lld %c %.1f %u 100%%%%\n", -1, (size_t)2, 3L, 4LL, 'c',
            5.25, 6U);
    is_str(read_back(file), "-1     2 3 4 c 5.2 6 100%%\n", "the rest");
}

static void
test_foreign(void)
{
    static const char text[] = "pg_dump: error: a\npg-sample: error: b\n\rc";
    FILE *file = tmpfile();

    display_foreign(file, "pg_dump", text, strlen(text));
    is_str(read_back(file), "pg_dump: error: a\n    pg-sample: error: b\n    \\rc\n",
           "only lines that begin with its name are not indented");
}

static void
test_json(void)
{
    FILE *file = tmpfile();
    char *json = display_escape_json("{\n\"a\": \"\177\xc2\x9b\xc3\xa9\"}");

    is_str(json, "{\n\"a\": \"\\u007f\\u009b\xc3\xa9\"}", "JSON text");
    free(json);
    display_json_string(file, "\"\\\n\033\177\xc2\x9b\xc3\xa9\xe9");
    is_str(read_back(file), "\"\\\"\\\\\\u000a\\u001b\\u007f\\u009b\xc3\xa9\\\\xE9\"",
           "a string of JSON");
}

int
main(void)
{
    test_escaping();
    test_printing();
    test_foreign();
    test_json();
    return done_testing();
}
