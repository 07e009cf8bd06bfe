/* Dumps: what is data in them, and what only looks like it. */
#include "read_input.h"

#include "base/mem.h"

#define BEGIN "--\n-- Sample of a PostgreSQL database, made by pg-sample 0.1.0\n--\n\n"
#define END                                                                              \
    "\n--\n-- Rows by table\n--\n--          1 a.b\n-- The dump is complete.\n--\n\n"
#define ROWS "COPY a.b (x, y) FROM stdin;\n1\t2\n\\.\n"
#define FOUND "a.b(x,y)\n1|2|1\n"

static const InputSpec dump = {.path = "f"};

static void
check_tables(void)
{
    check_read(&dump, 0, BEGIN ROWS END, FOUND);
    check_read(&dump, 0, BEGIN END, "");
    check_read(&dump, 0, BEGIN ROWS ROWS END, FOUND FOUND);
    check_read(&dump, 0, BEGIN "COPY a.b (x) FROM stdin;\n\\.\n" END, "a.b(x)\n");
    check_read(&dump, 0,
               BEGIN "COPY \"A\"\"b\".\"c.d\" (\"x\"\"y\", \"n\nm\", \"(\") FROM stdin;\n"
                     "\\N\t\t\\\\.\n\\.\n" END,
               "\"A\"\"b\".\"c.d\"(x\"y,n\nm,()\n\\N||\\\\.|1\n");
    check_read(&dump, 0, BEGIN "COPY a.b  FROM stdin;\n\n\n\\.\n" END, "a.b()\n1\n2\n");
    check_read(&dump, 0, BEGIN "COPY a.b (x, y) FROM stdin;\n1\n1\t2\n\\.\n" END,
               "a.b(x,y)\nreject 1: it has 1 field, but there are 2 columns: 1\n1|2|2\n");
    check_read(&dump, 0,
               BEGIN "COPY a.b (x) FROM stdin;\n'\n$$\n--\n/*\nCOPY c (d) FROM stdin;\n"
                     "\\.\n" ROWS END,
               "a.b(x)\n'|1\n$$|2\n--|3\n/*|4\nCOPY c (d) FROM stdin;|5\n" FOUND);
    check_read(&dump, 0, BEGIN ROWS "-- The dump is complete but for 2 tables.\n--\n\n",
               FOUND);
    check_read(&dump, 0,
               "--\n-- PostgreSQL database dump\n--\n\n\\restrict x\n\n" ROWS
               "\n--\n-- PostgreSQL database dump complete\n--\n\n\\unrestrict x\n",
               FOUND);
}

/* None of these is a table. */
static void
check_fakes(void)
{
    static const char atomic[] =
        "CREATE OR REPLACE FUNCTION f() RETURNS int\nBEGIN ATOMIC\n"
        "SELECT CASE WHEN true THEN 1 END;\nINSERT INTO d VALUES (1);\nEND;\n";
    const char *fakes[] = {
        "-- COPY c (d) FROM stdin;\n",
        "/* COPY c (d) FROM stdin;\n/* nested */\nCOPY c (d) FROM stdin;\n*/\n",
        "CREATE FUNCTION f() AS $$\nCOPY c (d) FROM stdin;\n$$;\n",
        "CREATE FUNCTION f() AS $a$\n$$\nCOPY c (d) FROM stdin;\n$a$ LANGUAGE sql;\n",
        "CREATE FUNCTION f() AS $_$\n;\nINSERT INTO c VALUES ($1);\n$_$;\n",
        "COMMENT ON TABLE c IS 'it''s\nCOPY c (d) FROM stdin;\n';\n",
        "COMMENT ON TABLE c IS E'it\\'s\nCOPY c (d) FROM stdin;\n';\n",
        "COMMENT ON TABLE c IS E'a''b\\'\nCOPY c (d) FROM stdin;\n';\n",
        "COMMENT ON TABLE c IS 'a\\';\n",
        "CREATE TABLE \"x;\nCOPY c (d) FROM stdin;\n\" (a$b$c int, \"\"\"\" text);\n",
        "CREATE RULE r AS ON INSERT TO c DO (SELECT 1;\nINSERT INTO d SELECT 1;\n);\n",
        atomic,
        "SELECT 1; -- COPY c (d) FROM stdin;\n",
        "SELECT /* ; */ '\n', -- '\n 1;\n",
        "SET standard_conforming_strings = off;\nSELECT 'a\\'\nCOPY c FROM stdin;\n';\n",
        "INSERT INTO pg_temp.pg_sample_seal VALUES (1, 2);\n",
        "SELECT $1$\n;\n",
        "CREATE TABLE copy (copy int);\nCREATE TABLE begin_it (\"begin\" int);\n",
    };

    for (size_t i = 0; i < sizeof(fakes) / sizeof(fakes[0]); i++)
    {
        char *text = mem_format("%s%s%s%s%s", BEGIN, ROWS, fakes[i], ROWS, END);

        check_read(&dump, 0, text, FOUND FOUND);
        free(text);
    }
}

static void
check_errors(void)
{
    check_read(&dump, 0, BEGIN ROWS,
               FOUND "wrong: f, line 7: the dump is truncated: the comment at its end is "
                     "missing\n");
    check_read(&dump, 0, BEGIN ROWS END ROWS,
               FOUND FOUND
               "wrong: f, line 18: the dump is truncated: the comment at its end is "
               "missing\n");
    check_read(
        &dump, 0, BEGIN "COPY a.b (x) FROM stdin;\n1\n2",
        "a.b(x)\n1|1\nwrong: f, line 7: the dump is truncated within the rows of a.b\n");
    check_read(
        &dump, 0, BEGIN "COPY a.b (x) FROM stdin;\n1\n\\.",
        "a.b(x)\n1|1\nwrong: f, line 7: the dump is truncated within the rows of a.b\n");
    check_read(&dump, 0, BEGIN "SELECT '\n-- The dump is complete.\n",
               "wrong: f, line 6: the dump is truncated: the comment at its end is "
               "missing\n");
    check_read(&dump, 0, BEGIN "INSERT INTO a.b (x) VALUES\n(1);\n" END,
               "wrong: f, line 6: the dump was made with --inserts\n");
    check_read(&dump, 0, BEGIN "\\connect other\n" END,
               "wrong: f, line 5: \\connect other: commands of psql are not supported\n");
    check_read(
        &dump, 0, BEGIN "COPY a.b (x) FROM stdin WITH CSV;\n1\n\\.\n" END,
        "wrong: f, line 5: unrecognized COPY statement: not written by pg-sample or "
        "pg_dump\n");
    check_read(&dump, 0, BEGIN "COPY a.b (x, x) FROM stdin;\n\\.\n" END,
               "wrong: f, line 5: column \"x\" is named twice\n");
    check_read(&dump, 0, BEGIN "COPY a.b (x) FROM stdin;\n1\\.\n\\.\n" END,
               "a.b(x)\nwrong: f, line 6: end-of-copy marker is not alone on its line\n");
    check_read(&dump, 0, BEGIN "COPY a.b (x) FROM stdin;\n1\r\n\\.\r\n" END,
               "a.b(x)\nwrong: f, line 6: literal carriage return found in the rows "
               "of a.b\n");
    check_bytes_read(&dump, 0, BEGIN "a\0b", sizeof(BEGIN) + 2,
                     "wrong: f, line 5: NUL byte found in data\n");
    check_read(&dump, 0,
               BEGIN
               "SET client_encoding = 'UTF8';\nSET client_encoding = 'LATIN1';\n" END,
               "wrong: f, line 6: the encoding changes from UTF8 to LATIN1\n");
    check_read(
        &dump, 0, BEGIN "SELECT pg_catalog.setval('a.b', x, true);\n" END,
        "wrong: f, line 5: unrecognized call of setval(): not written by pg-sample or "
        "pg_dump\n");
}

/* Keys in a cycle are set when all rows are there. */
static void
check_postponed(void)
{
    check_read(&dump, 0,
               BEGIN ROWS "\nCREATE TEMPORARY TABLE pg_sample_postponed AS\n"
                          "    SELECT x, \"Y y\" FROM \"a\".b WITH NO DATA;\n"
                          "COPY pg_temp.pg_sample_postponed FROM stdin;\n1\t2\n\\.\n"
                          "UPDATE ONLY a.b AS t SET y = p.y;\n"
                          "DROP TABLE pg_temp.pg_sample_postponed;\n" END,
               FOUND "postponed \"a\".b(x,Y y)\n1|2|1\n");
    check_read(&dump, 0,
               BEGIN "COPY pg_temp.pg_sample_postponed FROM stdin;\n1\t2\n\\.\n" END,
               "wrong: f, line 5: the table that the rows of "
               "pg_temp.pg_sample_postponed complete is not known\n");
}

/* In some encodings a character may end like a backslash. */
static void
check_raw(void)
{
    check_read(&dump, 0,
               BEGIN "SET client_encoding = 'SJIS';\nCOPY a.b (x, y) FROM stdin;\n"
                     "\x83\x5c\t\x83\x5c.\\t\n\\.\n" END,
               "a.b(x,y)\n\x83\x5c|\x83\x5c.\\t|1\n");
}

/* Tables that are not read are passed over. */
static void
check_sequences(void)
{
    static const char text[] =
        BEGIN "SET client_encoding = 'UTF8';\n" ROWS ROWS
              "SELECT pg_catalog.setval('a.\"it''s\"', 42, true);\n"
              "SELECT pg_catalog.setval('a.b_seq', -9223372036854775808, false);\n" END;
    Diag diag = {0};
    InputTable table;
    Input *input;
    const InputSequence *sequences;
    size_t n;

    write_file("f", text, sizeof(text) - 1);
    input = input_open(&dump, &diag);
    is_int(input_next_table(input, &table, &diag), INPUT_TABLE, "one");
    is_int(input_next_table(input, &table, &diag), INPUT_TABLE, "and another");
    is_str(input_get_encoding(input), "UTF8", "its encoding is known then");
    is_int(input_next_table(input, &table, &diag), INPUT_END, "no more");
    is_int(input_next_table(input, &table, &diag), INPUT_END, "nor then");
    sequences = input_get_sequences(input, &n);
    if (is_int((intmax_t)n, 2, "two sequences"))
    {
        is_str(sequences[0].name, "a.\"it's\"", "the name of the first");
        is_int(sequences[0].value, 42, "its value");
        ok(sequences[0].is_called, "it was called");
        is_str(sequences[1].name, "a.b_seq", "the name of the second");
        is_int(sequences[1].value, INT64_MIN, "its value");
        ok(!sequences[1].is_called, "it was not called");
    }
    input_close(input);
}

int
main(void)
{
    char folder[] = "/tmp/test_input_XXXXXX";

    enter_folder(folder);
    check_tables();
    check_fakes();
    check_errors();
    check_postponed();
    check_raw();
    check_sequences();
    (void)unlink("f");
    (void)rmdir(folder);
    return done_testing();
}
