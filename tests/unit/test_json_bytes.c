/* What must not reach yajl; each text also behind others, at each alignment. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "load/source/json_bytes.h"
#include "tap.h"

#define HIGH "high surrogate without a low surrogate behind it"
#define LOW "low surrogate without a high surrogate before it"

static void
check_bytes(const char *text, size_t length, size_t expected_at, const char *expected)
{
    for (size_t n = 0; n < 20; n++)
    {
        /* of just that size, so that the sanitizer sees what is read beyond */
        char *padded = mem_alloc(n + length + (n + length == 0));
        size_t offset = 0;
        const char *problem;

        memset(padded, 'x', n);
        memcpy(padded + n, text, length);
        problem = json_bytes_check(padded, n + length, &offset);
        free(padded);
        if (expected == NULL ? problem == NULL
                             : problem != NULL && strcmp(problem, expected) == 0 &&
                                   offset == n + expected_at)
            continue;
        ok(false, "%s, behind %zu bytes: %s at %zu", text, n,
           problem != NULL ? problem : "good", offset);
        return;
    }
    ok(true, "%s: %s", text, expected != NULL ? expected : "good");
}

static void
check_text(const char *text, size_t expected_at, const char *expected)
{
    check_bytes(text, strlen(text), expected_at, expected);
}

static void
test_surrogates(void)
{
    check_text("", 0, NULL);
    check_text("\"\\ud83d\\ude00\"", 0, NULL);
    check_text("\"\\uD83D\\uDE00\\ud83d\\ude00\"", 0, NULL);
    check_text("\"\\ud7ff\\ue000\"", 0, NULL);
    check_text("\"\\ud800\"", 1, HIGH);
    check_text("\"a\\ud800b\"", 2, HIGH);
    check_text("\\ud83d\\u", 0, HIGH);
    check_text("\\ud83d\\ude0", 0, HIGH);
    check_text("\\ud83d\\ude0g", 0, HIGH);
    check_text("\\ud83d", 0, HIGH);
    check_text("\\udbff\\udbff\\udfff", 0, HIGH);
    check_text("\\ud83d\\\\ude00", 0, HIGH);
    check_text("\\ud83dxude00", 0, HIGH);
    check_text("\\udc00", 0, LOW);
    check_text("\\uDFFF", 0, LOW);
    check_text("\\ud83d\\ude00\\ude00", 12, LOW);
    check_text("\\\\ud800", 0, NULL);
    check_text("\\\\\\ud800", 2, HIGH);
    check_text("\\ud80", 0, NULL); /* yajl refuses it */
    check_text("\\ud8", 0, NULL);
    check_text("\\", 0, NULL);
}

static void
test_nul(void)
{
    check_text("\\u0000", 0, "\\u0000 cannot be converted to text");
    check_text("\"\\u0001\\u0000\"", 7, "\\u0000 cannot be converted to text");
    check_text("\\\\u0000", 0, NULL);
    check_bytes("a\0b", 3, 1, "NUL byte");
}

static void
test_controls(void)
{
    check_text("{\t\n\r \x7f}", 0, NULL);
    check_text("{\v}", 1, "control character");
    check_text("\f", 0, "control character");
    check_text("ab\x01", 2, "control character");
    check_text("\x1f", 0, "control character");
}

static void
test_utf8(void)
{
    check_text("\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf"
               "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf",
               0, NULL);
    check_text("\x80", 0, "invalid UTF-8");
    check_text("\xc0\x80", 0, "invalid UTF-8");
    check_text("\xc1\xbf", 0, "invalid UTF-8");
    check_text("\xc3", 0, "invalid UTF-8");
    check_text("\xc3(", 0, "invalid UTF-8");
    check_text("\xe0\x9f\xbf", 0, "invalid UTF-8");
    check_text("\xe2\x82", 0, "invalid UTF-8");
    check_text("\xe2\x82x", 0, "invalid UTF-8");
    check_text("\xed\xa0\x80", 0, "invalid UTF-8");
    check_text("\xf0\x8f\xbf\xbf", 0, "invalid UTF-8");
    check_text("\xf0\x9f\x98", 0, "invalid UTF-8");
    check_text("\xf4\x90\x80\x80", 0, "invalid UTF-8");
    check_text("\xf5\x80\x80\x80", 0, "invalid UTF-8");
    check_text("\xff", 0, "invalid UTF-8");
}

int
main(void)
{
    test_surrogates();
    test_nul();
    test_controls();
    test_utf8();
    return done_testing();
}
