#include "load/source/discover.h"

#include <sys/stat.h>

#include "read_input.h"

static void
touch(const char *name)
{
    write_file(name, "", 0);
}

/* The sources as text: PATH TABLE FORMAT; a table from a file's name is in brackets. */
static void
check_source(const char *text, InputFormat format, const char *expected)
{
    SourceList sources = {0};
    Diag diag = {0};
    PQExpBufferData found;

    initPQExpBuffer(&found);
    if (!discover_source(&sources, text, format, &diag))
        appendPQExpBufferStr(&found, diag.message);
    else
    {
        for (size_t i = 0; i < sources.n_items; i++)
        {
            const Source *source = &sources.items[i];
            const char *table = source->table != NULL ? source->table : "?";

            appendPQExpBuffer(&found,
                              source->is_table_raw ? "%s%s [%s] %d" : "%s%s %s %d",
                              i > 0 ? ", " : "", source->path, table,
                              (int)source->format);
        }
    }
    is_str(found.data, expected, "source \"%s\"", text);
    termPQExpBuffer(&found);
    diag_free(&diag);
    discover_free(&sources);
}

static void
check_files(void)
{
    const char *names[] = {"t.csv",         "s.t.csv.gz", "t",  "a=b.csv",    "t.dat",
                           "d.sql",         "t.tsv",      "=x", "u.copy.zst", "v.json",
                           "s.v.jsonl.zst", "V.NDJSON.gz"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        touch(names[i]);
    check_source("t.csv", INPUT_AUTO, "t.csv [t] 1");
    check_source("./s.t.csv.gz", INPUT_AUTO, "./s.t.csv.gz [s.t] 1");
    check_source("u.copy.zst", INPUT_AUTO, "u.copy.zst [u] 2");
    check_source("v.json", INPUT_AUTO, "v.json [v] 4");
    check_source("s.v.jsonl.zst", INPUT_AUTO, "s.v.jsonl.zst [s.v] 5");
    check_source("V.NDJSON.gz", INPUT_AUTO, "V.NDJSON.gz [V] 5");
    check_source("t", INPUT_AUTO, "t [t] 0");
    check_source("t.dat", INPUT_AUTO, "t.dat [t] 0");
    check_source("t.dat", INPUT_COPY, "t.dat [t] 2");
    check_source("t.tsv", INPUT_AUTO, "t.tsv [t] 2");
    check_source("d.sql", INPUT_AUTO, "d.sql ? 3");
    check_source("-", INPUT_AUTO, "- ? 0");
    check_source("-", INPUT_DUMP, "- ? 3");
    check_source("x=-", INPUT_AUTO, "- x 0");
    check_source("S.\"a=b\"=t.csv", INPUT_AUTO, "t.csv S.\"a=b\" 1");
    check_source("a=b.csv", INPUT_AUTO, "a=b.csv [a=b] 1");
    check_source("x=a=b.csv", INPUT_AUTO, "a=b.csv x 1");
    check_source("x=./t", INPUT_AUTO, "./t x 0");
    check_source("=x", INPUT_AUTO, "=x [=x] 0");
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        (void)unlink(names[i]);
}

static void
check_errors(void)
{
    check_source("none.csv", INPUT_AUTO,
                 "could not find none.csv: No such file or directory");
    check_source("x=none.csv", INPUT_AUTO,
                 "could not find none.csv: No such file or directory");
    check_source("a/b=none", INPUT_AUTO,
                 "could not find a/b=none: No such file or directory");
    check_source("x=", INPUT_AUTO, "\"x=\" does not have the form TABLE=FILE");
    check_source("=x", INPUT_AUTO, "\"=x\" does not have the form TABLE=FILE");
    check_source("x=.", INPUT_AUTO, ". is a directory, not the file of table x");
}

static void
check_directories(void)
{
    (void)mkdir("d", 0700);
    check_source("d", INPUT_AUTO, "directory d contains no files");
    touch("d/.hidden.txt");
    check_source("d", INPUT_AUTO, "directory d contains no files");
    touch("d/b.csv");
    touch("d/B.csv.gz");
    touch("d/a b.c.copy");
    touch("d/j.json");
    check_source("d", INPUT_AUTO,
                 "d/B.csv.gz [B] 1, d/a b.c.copy [a b.c] 2, d/b.csv [b] 1, "
                 "d/j.json [j] 4");
    check_source(
        "d/", INPUT_CSV,
        "d/B.csv.gz [B] 1, d/a b.c.copy [a b.c] 1, d/b.csv [b] 1, d/j.json [j] 1");
    touch("d/README.md");
    check_source("d", INPUT_AUTO, "d/README.md is not a file of a table");
    (void)unlink("d/README.md");
    (void)mkdir("d/x.csv", 0700);
    check_source("d", INPUT_AUTO, "d/x.csv is not a file of a table");
    (void)rmdir("d/x.csv");
    (void)unlink("d/.hidden.txt");
    (void)unlink("d/b.csv");
    (void)unlink("d/B.csv.gz");
    (void)unlink("d/a b.c.copy");
    (void)unlink("d/j.json");
    (void)rmdir("d");
}

static void
check_stdin(void)
{
    SourceList sources = {0};
    Diag diag = {0};

    ok(discover_source(&sources, "-", INPUT_AUTO, &diag), "standard input");
    ok(!discover_source(&sources, "x=-", INPUT_AUTO, &diag), "but only once");
    is_str(diag.message, "standard input (\"-\") is specified more than once",
           "and it is said");
    is_int((intmax_t)sources.n_items, 1, "one source");
    diag_free(&diag);
    discover_free(&sources);
}

/* More could not be told apart; the list is only said to be full. */
static void
check_most(void)
{
    SourceList sources = {.n_items = DISCOVER_MOST};
    Diag diag = {0};

    touch("t.csv");
    ok(!discover_source(&sources, "t.csv", INPUT_AUTO, &diag), "the list is full");
    is_str(diag.message, "there are more than 8388608 sources", "its message");
    diag_free(&diag);
    (void)unlink("t.csv");
}

int
main(void)
{
    char folder[] = "/tmp/test_input_XXXXXX";

    enter_folder(folder);
    check_files();
    check_errors();
    check_directories();
    check_stdin();
    check_most();
    (void)rmdir(folder);
    return done_testing();
}
