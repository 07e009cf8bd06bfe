/* COPY text. */
#include "read_input.h"

static const InputSpec copy = {.path = "f", .format = INPUT_COPY};

static void
check_records(void)
{
    check_read(&copy, 2, "1\tx\n\\N\t\n", "()\n1|x|1\n\\N||2\n");
    check_read(&copy, 2, "1\tx\r\n2\ty\r\n", "()\n1|x|1\n2|y|2\n");
    check_read(&copy, 2, "1\tx", "()\n1|x|1\n");
    check_read(&copy, 2, "1\tx\r\n2\ty", "()\n1|x|1\n2|y|2\n");
    check_read(&copy, 1, "\\\\\n\\t\\x41\\101\\N\n\n",
               "()\n\\\\|1\n\\t\\x41\\101\\N|2\n|3\n");
    check_read(&copy, 1, "\\\\.\n", "()\n\\\\.|1\n");
    check_read(&copy, 1, "\xef\xbb\xbfx\n", "()\nx|1\n");
    check_read(&copy, 1, "\xff\xfe\n", "()\n\xff\xfe|1\n");
    check_read(&copy, 1, "", "()\n");
    check_read(&copy, 2, "1\n1\t2\t3\n1\t2\n",
               "()\nreject 1: it has 1 field, but there are 2 columns: 1\n"
               "reject 2: it has 3 fields, but there are 2 columns: 1\t2\t3\n1|2|3\n");
    check_read(&copy, 1, "\\N\t\n",
               "()\nreject 1: it has 2 fields, but there is 1 column: \\N\t\n");
}

/* A tab or line end behind a backslash is part of the value. */
static void
check_escaped_controls(void)
{
    check_read(&copy, 2, "a\\\tb\tc\n", "()\na\\tb|c|1\n");
    check_read(&copy, 2, "a\\\nb\tc\nd\te\n", "()\na\\nb|c|1\nd|e|2\n");
    check_read(&copy, 2, "a\\\rb\tc\n", "()\na\\rb|c|1\n");
    check_read(&copy, 2, "a\\\\\tb\nc\\\\\nd\te\n",
               "()\na\\\\|b|1\nreject 2: it has 1 field, but there are 2 columns: c\\\\\n"
               "d|e|3\n");
    check_read(&copy, 1, "a\\\n\\\nb\n", "()\na\\n\\nb|1\n");
}

static void
check_end_marker(void)
{
    check_read(&copy, 1, "1\n\\.\n", "()\n1|1\n");
    check_read(&copy, 1, "1\n\\.", "()\n1|1\n");
    check_read(&copy, 1, "1\r\n\\.\r\n\r\n", "()\n1|1\n");
    check_read(&copy, 1, "1\n\\.\n \n\t\n", "()\n1|1\n");
    check_read(&copy, 1, "\\.\n", "()\n");
    check_read(&copy, 1, "1\n\\.\n2\n",
               "()\n1|1\nwrong: f, line 3: there is data after the end-of-copy marker\n");
    check_read(&copy, 1, "1\na\\.b\n",
               "()\n1|1\nwrong: f, line 2: end-of-copy marker is not alone on its "
               "line\n");
    check_read(&copy, 1, "\\. \n",
               "()\nwrong: f, line 1: end-of-copy marker is not alone on its line\n");
}

static void
check_errors(void)
{
    check_bytes_read(&copy, 1, "1\na\0b\n", 6,
                     "()\n1|1\nwrong: f, line 2: NUL byte "
                     "found in data\n");
    check_read(&copy, 1, "1\n2\r\n",
               "()\n1|1\nwrong: f, line 2: literal carriage "
               "return found in data\n");
    check_read(&copy, 1, "1\r\n2\n",
               "()\n1|1\nwrong: f, line 2: the line ends with LF, but the first one with "
               "CR LF\n");
    check_read(&copy, 1, "a\rb\n",
               "()\nwrong: f, line 1: literal carriage return found "
               "in data\n");
    check_read(
        &copy, 1, "1\nx\\",
        "()\n1|1\nwrong: f, line 2: the line is truncated: it ends with a backslash\n");
    check_read(&copy, 1, "a\\\nb\n\0", "()\na\\nb|1\n");
    check_read(&copy, 1, "a\\\nb\nc\r\n",
               "()\na\\nb|1\nwrong: f, line 3: literal carriage return found in data\n");
}

static void
check_header(void)
{
    InputSpec spec = {.path = "f", .format = INPUT_COPY, .has_copy_header = true};

    check_read(&spec, 0, "a\tb\\tc\n1\t2\n", "(a,b\tc)\n1|2|1\n");
    check_read(&spec, 0,
               "\xef\xbb\xbf"
               "a\r\n1\r\n",
               "(a)\n1|1\n");
    check_read(&spec, 0, "a\n", "(a)\n");
    check_read(&spec, 0, "", "wrong: f, line 1: the header is missing\n");
    check_read(&spec, 0, "a\ta\n1\t2\n", "(a,a)\n1|2|1\n");
    check_read(&spec, 0, "a\t\n1\t2\n", "(a,)\n1|2|1\n");
}

static void
check_one_format(const char *name, const char *text, InputFormat expected)
{
    InputSpec spec = {.path = name};
    Diag diag = {0};
    Input *input;

    write_file(name, text, strlen(text));
    input = input_open(&spec, &diag);
    if (ok(input != NULL, "%s can be opened: %s", name,
           diag.message != NULL ? diag.message : "yes"))
        is_int(input_get_format(input), expected, "the format of %s", name);
    input_close(input);
    diag_free(&diag);
    (void)unlink(name);
}

static void
check_formats(void)
{
    static const char sample[] = "--\n-- Sample of a PostgreSQL database, made by\n";
    InputSpec spec = {.path = "x.sql"};
    Diag diag = {0};

    check_one_format("x.csv", "a\tb\n", INPUT_CSV);
    check_one_format("x.CSV.gz", "a\n", INPUT_CSV);
    check_one_format("x.copy", "a\n", INPUT_COPY);
    check_one_format("x.tsv.gz", "a\n", INPUT_COPY);
    check_one_format("x.txt", "a\n", INPUT_COPY);
    check_one_format("x.sql", sample, INPUT_DUMP);
    check_one_format("x", sample, INPUT_DUMP);
    check_one_format("x", "--\n-- PostgreSQL database dump\n--\n", INPUT_DUMP);
    check_one_format("x", "a,b\n", INPUT_CSV);
    write_file("x.sql", "a,b\n", 4);
    ok(input_open(&spec, &diag) == NULL, "text is not a dump");
    is_str(diag.message, "x.sql is not a dump", "and it is said");
    write_file("x.sql", "PGDMP\1", 6);
    ok(input_open(&spec, &diag) == NULL, "an archive is no text");
    is_str(diag.message, "x.sql is an archive of pg_dump, not a plain-text dump",
           "and it is said");
    (void)unlink("x.sql");
    ok(input_open(&spec, &diag) == NULL, "what is not there cannot be read");
    is_str(diag.message, "could not open x.sql: No such file or directory", "message");
    diag_free(&diag);
}

int
main(void)
{
    char folder[] = "/tmp/test_input_XXXXXX";

    enter_folder(folder);
    check_records();
    check_escaped_controls();
    check_end_marker();
    check_errors();
    check_header();
    check_formats();
    (void)unlink("f");
    (void)rmdir(folder);
    return done_testing();
}
