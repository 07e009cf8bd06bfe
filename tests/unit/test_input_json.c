/* JSON as a source: what comes of its records, whatever chunks the bytes come in. */
#include "read_input.h"

static const InputSpec values = {.path = "f", .format = INPUT_JSON};
static const InputSpec lines = {.path = "f", .format = INPUT_JSONL};
static const InputSpec unknown = {.path = "f"};

static void
check_values(const char *text, const char *expected)
{
    check_read(&values, 0, text, expected);
}

static void
check_lines(const char *text, const char *expected)
{
    check_read(&lines, 0, text, expected);
}

static void
test_records(void)
{
    check_values("", "()\n");
    check_values("{\"a\":1}{\"b\":\"x\\ty\"}\n[{\"a\":null,\"b\":[1, 2]}]",
                 "()\n1|\\N|10|1\n\\N|x\\ty|01|2\n\\N|[1, 2]|\\N|3\n");
    check_lines("{\"a\":1}\n\n {\"b\":\"x\"}\r\n{\"a\":2}",
                "()\n1|\\N|10|1\n\\N|x|01|2\n2|\\N|10|3\n");
    check_values("{\"data\":{\"a\":1}}", "()\n1|\\N|10|1\n");
    check_read(&unknown, 0, " \n{\"a\":1}", "()\n1|\\N|10|1\n");
    check_read(&unknown, 0, "[{\"a\":1}]", "()\n1|\\N|10|1\n");
}

static void
test_mark(void)
{
    check_values("\xef\xbb\xbf{\"a\":1}", "()\n1|\\N|10|1\n");
    check_lines("\xef\xbb\xbf{\"a\":1}\n", "()\n1|\\N|10|1\n");
    check_read(&unknown, 0, "\xef\xbb\xbf\n{\"a\":1}", "()\n1|\\N|10|1\n");
    check_values("\xef\xbb\xbf", "()\n");
    check_values("{}\xef\xbb\xbf", "()\n\\N|\\N|00|1\n"
                                   "reject 2: a byte order mark can only be at the "
                                   "beginning: "
                                   "\xef\xbb\xbf\n");
}

static void
test_rejects(void)
{
    check_values(
        "[{\"a\":1},\n{\"a\":2,},{\"a\":3}]",
        "()\n1|\\N|10|1\n"
        "reject 2: invalid JSON near byte 8: the name of a member is missing, or "
        "no string: {\"a\":2,}\n"
        "3|\\N|10|3\n");
    check_lines("{\"a\":1}\n{\"c\":2}\n{\"a\":3\n{\"a\":4}\n",
                "()\n1|\\N|10|1\n"
                "reject 2: the table has no column \"c\": {\"c\":2}\n"
                "reject 3: invalid JSON: its line ends before it does: {\"a\":3\n"
                "4|\\N|10|4\n");
}

/* UTF-16 has a NUL in each of the first characters. */
static void
check_wide(const char *text, size_t length)
{
    static const char expected[] =
        "wrong: f, line 1: the text is in UTF-16 or UTF-32, not in UTF-8\n";

    check_bytes_read(&values, 0, text, length, expected);
    check_bytes_read(&lines, 0, text, length, expected);
}

static void
test_errors(void)
{
    check_values("{\"a\":1}\n{\"a\":2]",
                 "()\n1|\\N|10|1\n"
                 "wrong: f, line 2: record 2: \"]\" does not close "
                 "the last open bracket\n");
    check_values("[{\"a\":1},\n\n{\"a\":\n",
                 "()\n1|\\N|10|1\n"
                 "wrong: f, line 3: record 2: a bracket of the "
                 "record is not closed\n");
    check_values("{\"a\":1}\n,", "()\n1|\\N|10|1\n"
                                 "wrong: f, line 2: record 2: \",\" is where a record "
                                 "should begin\n");
    check_wide("\xff\xfe{\0}\0", 6);
    check_wide("{\0}\0", 4);
    check_wide("\xfe\xff\0{\0}", 6);
    check_wide("\0{\0}", 4);
    check_wide("\0\0\0{\0\0\0}", 8);
}

int
main(void)
{
    char folder[] = "/tmp/test_input_json_XXXXXX";

    enter_folder(folder);
    test_records();
    test_mark();
    test_rejects();
    test_errors();
    (void)unlink("f");
    (void)rmdir(folder);
    return done_testing();
}
