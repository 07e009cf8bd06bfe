/* The names of the loader's tables, and errors of COPY. */

#include <string.h>

#include "load/batch.h"
#include "load/registry/registry_name.h"
#include "load/stage/copy_error.h"
#include "tap.h"

#define TAIL "a1b2c3d4_20250930_143022"
#define NAME "entity_staging_" TAIL

static void
is_name(const char *table, const char *what, bool is_utf8, const char *expected,
        const char *test)
{
    PQExpBufferData name;

    initPQExpBuffer(&name);
    registry_name_append(&name, table, what, TAIL, is_utf8);
    is_str(name.data, expected, "%s", test);
    ok(name.len <= TABLE_NAME_MAX, "... of at most 63 bytes");
    termPQExpBuffer(&name);
}

static void
test_names(void)
{
    is_name("entity", "staging", true, NAME, "a name has table, use, hash and time");
    is_name("a23456789b23456789c23456789d23456789", "staging", true,
            "a23456789b23456789c23456789d23_staging_" TAIL, "a long name is cut");
    is_name("a23456789b23456789c23456789d2\xC3\xA9xyz", "staging", true,
            "a23456789b23456789c23456789d2_staging_" TAIL, "not within two bytes");
    is_name("a23456789b23456789c23456789d\xC3\xA9xyz", "staging", true,
            "a23456789b23456789c23456789d\xC3\xA9_staging_" TAIL, "but behind them");
    is_name("a23456789b23456789c23456789d\xF0\x9F\x98\x80xyz", "staging", true,
            "a23456789b23456789c23456789d_staging_" TAIL, "nor within four");
    is_name("caf\xE9", "diff", false, "caf__diff_" TAIL, "no other encoding gets in");
}

static void
test_tails(void)
{
    char tail[TABLE_NAME_TAIL_SIZE];

    ok(registry_name_find_tail("pg_sample_load.\"" NAME "\"", tail), "a quoted name");
    is_str(tail, TAIL, "ends with its tail");
    ok(registry_name_find_tail(NAME, tail), "and so does a bare one");
    ok(!registry_name_find_tail("public.entity", tail), "others have none");
    ok(!registry_name_find_tail("public.entity_with_quite_a_long_name", tail),
       "whatever their length");
}

static size_t
find_line(const char *context, size_t n_lines)
{
    size_t line = 0;

    return copy_error_find_line(context, TAIL, n_lines, &line) ? line : 0;
}

static size_t
find_line_of(const char *context)
{
    size_t line = 0;

    return copy_error_find_line_of(context, "t", 10, &line) ? line : 0;
}

static void
test_lines_of_tables(void)
{
    is_int((long)find_line_of("COPY t, line 3, column b: \"x\""), 3, "of a table");
    is_int((long)find_line_of("PL/pgSQL function f() line 5 at RAISE\nCOPY t, line 8"), 8,
           "behind what a trigger did");
    is_int((long)find_line_of("COPY t\xE3\x80\x81\xE8\xA1\x8C 8"), 8,
           "in another language");
    is_int((long)find_line_of("COPY tt, line 8"), 0, "not of a table with a longer name");
    is_int((long)find_line_of("PL/pgSQL function t() line 5 at RAISE"), 0,
           "nor another line");
}

static void
test_lines(void)
{
    is_int((long)find_line("COPY " NAME ", line 3, column b: \"x\"", 10), 3,
           "the number of the line");
    is_int((long)find_line("COPY " NAME ", Zeile 12, Spalte b: \xC2\xBBx\xC2\xAB", 12),
           12, "in another language");
    is_int((long)find_line("COPY " NAME ", 7\xEB\xB2\x88\xEC\xA7\xB8 \xEC\xA4\x84", 12),
           7, "where the number comes first");
    is_int((long)find_line("JSON data, line 1: {\nCOPY " NAME ", line 5, column j: \"{\"",
                           9),
           5, "behind a context of its own");
    is_int((long)find_line("COPY " NAME ", line 11", 10), 0, "no line that is not there");
    is_int((long)find_line("COPY " NAME ", line 0", 10), 0, "and none before the first");
    is_int((long)find_line("COPY " NAME ", line 99999999999999999999999", 10), 0,
           "nor a number beyond all numbers");
    is_int((long)find_line("COPY other, line 3", 10), 0, "not of another table");
    is_int((long)find_line("COPY " NAME "\nline 3", 10), 0, "not of another context");
    is_int((long)find_line(NULL, 10), 0, "and there may be no context");
}

static int
find_column(const char *context)
{
    static const char *const names[] = {"a", "column", "my b", "b"};

    return copy_error_find_column(context, TAIL, names, 4);
}

static void
test_columns(void)
{
    is_int(find_column("COPY " NAME ", line 3, column b: \"x a: y\""), 3, "a column");
    is_int(find_column("COPY " NAME ", line 3, column column: \"x\""), 1,
           "with the name of the word for it");
    is_int(find_column("COPY " NAME ", Zeile 3, Spalte my b: \xC2\xBBx\xC2\xAB"), 2,
           "with a blank in its name");
    is_int(find_column("COPY " NAME ", line 3, column a: null input"), 0,
           "without a value");
    is_int(find_column("COPY " NAME ", line 3: \"x a: 1\""), -1, "a line without one");
    is_int(find_column("COPY " NAME ", line 3"), -1, "and without a text");
    is_int(find_column(NULL), -1, "nothing at all");
}

static void
test_kinds(void)
{
    ok(copy_error_classify("22P02") == COPY_ERROR_DATA, "a wrong number is data");
    ok(copy_error_classify("23514") == COPY_ERROR_DATA, "so is the check of a domain");
    ok(copy_error_classify("XX000") == COPY_ERROR_LIKELY, "types may raise anything");
    ok(copy_error_classify("42704") == COPY_ERROR_LIKELY, "names as values are such");
    ok(copy_error_classify("42501") == COPY_ERROR_NOT_DATA, "a privilege is not data");
    ok(copy_error_classify("53100") == COPY_ERROR_NOT_DATA, "a full disk is not");
    ok(copy_error_classify("57014") == COPY_ERROR_NOT_DATA, "nor is a cancelled query");
    ok(copy_error_classify(NULL) == COPY_ERROR_NOT_DATA, "nor what the client says");
}

static void
test_record_numbers(void)
{
    LoadSource sources[] = {{.name = "a"}, {.name = "b"}};
    LoadBatch batch = {.sources = sources, .n_sources = 2};
    LoadTable table = {0};
    int64_t record = (int64_t)(batch_get_record_base(1) + 5);
    int64_t last = (int64_t)(batch_get_record_base((1 << 23) - 1) + 5);

    is_int(batch_get_record_base(0) + 1, 1, "the first record of the first source");
    is_str(batch_get_source_name(&batch, record), "b", "its source");
    is_int(batch_get_record_number(record), 5, "its number");
    ok(record > (int64_t)batch_get_record_base(0) + 1000000000,
       "later sources are later");
    ok(last > record, "the last of the most sources");
    is_int(batch_get_record_number(last), 5, "its number");
    is_str(batch_get_source_name(&batch, last), "?", "there is no such source");
    batch_note_source(&table, 0);
    batch_note_source(&table, 3);
    batch_note_source(&table, 3);
    batch_note_source(&table, 1);
    is_int(table.n_sources, 2, "a source counts once");
}

int
main(void)
{
    test_names();
    test_tails();
    test_lines_of_tables();
    test_lines();
    test_columns();
    test_kinds();
    test_record_numbers();
    return done_testing();
}
