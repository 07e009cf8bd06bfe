#include "base/sqltext.h"

#include <string.h>

#include "tap.h"

static void
test_characters(void)
{
    ok(sqltext_is_blank('\f') && !sqltext_is_blank('\0'), "blanks");
    ok(sqltext_is_name('_', true) && sqltext_is_name('\xc3', true), "a name begins");
    ok(!sqltext_is_name('1', true) && !sqltext_is_name('$', true), "but not with these");
    ok(sqltext_is_name('1', false) && sqltext_is_name('$', false),
       "which may come later");
    ok(sqltext_fold('Z') == 'z' && sqltext_fold('\xc4') == '\xc4',
       "only ASCII is folded");
}

static void
test_quotes(void)
{
    char out[16];
    bool is_quote_open;

    is_str(sqltext_find("\"a,\"\"b\",c", ",", &is_quote_open), ",c", "not in quotes");
    ok(!is_quote_open, "which are closed");
    is_str(sqltext_find("\"a,", ",", &is_quote_open), NULL, "nowhere else");
    ok(is_quote_open, "with a quote that is open");
    is_str(sqltext_skip_quoted("'a''b'c", false), "c", "a doubled quote is skipped");
    is_str(sqltext_skip_quoted("'a\\'b'c", true), "c", "an escaped quote, too");
    is_str(sqltext_skip_quoted("'a\\'b'c", false), "b'c",
           "but only where there are escapes");
    is_str(sqltext_skip_quoted("'a\\", true), NULL, "an escape without a character");
    is_str(sqltext_skip_quoted("\"a\"\"", false), NULL, "no end");
    is_str(sqltext_read_quoted("\"a\"\"b\".c", out), ".c", "what follows a name");
    is_str(out, "a\"b", "the name");
    is_str(sqltext_read_quoted("\"\"", out), "", "nothing follows");
    is_str(out, "", "the empty name");
    is_str(sqltext_read_quoted("\"a", out), NULL, "a name without its end");
}

static void
check_tag(const char *text, int expected)
{
    is_int((int)sqltext_measure_tag(text, text + strlen(text)), expected, "tag of %s",
           text);
}

int
main(void)
{
    PQExpBufferData name;

    test_characters();
    test_quotes();
    check_tag("$$ x", 2);
    check_tag("$a1$ x", 4);
    check_tag("$1$", 0);
    check_tag("$a b$", 0);
    check_tag("$a", 0);
    initPQExpBuffer(&name);
    sqltext_append_quoted(&name, "a\"bc", 3);
    is_str(name.data, "\"a\"\"b\"", "a name in quotes");
    termPQExpBuffer(&name);
    return done_testing();
}
