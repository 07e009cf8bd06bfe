#include "programs/sample/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/mem.h"
#include "programs/sample/sample_option_table.h"
#include "tap.h"

enum
{
    MAX_ARGUMENTS = 16
};

static Arena *arena;
static Options options;
static Diag diag;
static char path[256];

static void
write_file(const char *text, size_t size)
{
    FILE *file = fopen(path, "wb");

    if (file == NULL || fwrite(text, 1, size, file) != size || fclose(file) != 0)
        abort();
}

/* Reads a command line, split at blanks, behind the --config of what is in the file. */
static bool
read_line(const char *text)
{
    char *argv[MAX_ARGUMENTS] = {arena_copy_string(arena, "pg-sample"),
                                 arena_copy_string(arena, "--config"),
                                 arena_copy_string(arena, path)};
    char *rest = arena_copy_string(arena, text);
    OptionsRequest request;
    int argc = 3;

    for (char *word; (word = strsep(&rest, " ")) != NULL && argc < MAX_ARGUMENTS - 1;)
    {
        if (*word != '\0')
            argv[argc++] = word;
    }
    diag_free(&diag);
    return options_read(&options, arena, argc, argv, &request, &diag);
}

/* A file that is read alone. */
static bool
read_text(const char *text)
{
    write_file(text, strlen(text));
    return read_line("");
}

/* A file with a line. */
static bool
read_both(const char *text, const char *line)
{
    write_file(text, strlen(text));
    return read_line(line);
}

static void
test_kinds(void)
{
    ok(read_text("{}"), "a file may say nothing");
    is_int(options.rows_per_insert, 100, "defaults stay");
    is_str(options.config, path, "it is known which file it was");
    ok(read_text("\xef\xbb\xbf {\"plan\": true, \"keep\": false}"), "flags");
    ok(options.plan && !options.keep, "true is as if given, false as if not");
    ok(read_text("{\"no-password\": true, \"no-owner\": true}"), "flags without a flag");
    is_int(options.prompt, PROMPT_NEVER, "are known");
    ok(read_text("{\"password\": true}") && options.prompt == PROMPT_ALWAYS,
       "a password is asked for");
    ok(read_text("{\"file\": \"x\", \"host\": \"\", \"dbname\": \"d\", "
                 "\"port\": 5433, \"lock-timeout\": 7, \"staging-tables\": \"0\"}"),
       "texts and numbers");
    is_str(options.file, "x", "file");
    is_str(options.host, "", "a host may be empty");
    is_str(options.dbname, "d", "database");
    is_str(options.port, "5433", "port");
    is_str(options.lock_timeout, "7s", "time, as the server takes it");
    is_int(options.staging_tables, 0, "a number in quotes");
    ok(read_text("{\"rows-per-insert\": 7}") && options.inserts,
       "a parser's own effects");
    ok(read_text("{\"verbose\": 3}") && options.verbosity == 3, "a count");
    ok(read_text("{\"verbose\": true}") && options.verbosity == 1, "counts one");
    ok(read_text("{\"verbose\": 0}") && options.verbosity == 0, "counts none");
}

static void
test_optional_arguments(void)
{
    ok(read_text("{\"ordered\": true}") && options.order == PICK_NEWEST, "without");
    ok(read_text("{\"ordered\": \"asc\"}") && options.order == PICK_OLDEST, "with");
    ok(read_text("{\"ordered\": false}") && options.order == PICK_FIRST, "not at all");
    ok(read_text("{\"random\": 42}") && options.has_seed && options.seed == 42, "a seed");
    ok(read_text("{\"random\": \"18446744073709551615\"}") && options.seed == UINT64_MAX,
       "the greatest seed, as a string");
    ok(read_text("{\"random\": \"stable\"}") && options.order == PICK_STABLE, "stable");
    ok(read_text("{\"cleanup\": true}") && options.cleanup == CLEANUP_LIST, "list");
    ok(read_text("{\"cleanup\": \"drop\"}") && options.cleanup == CLEANUP_DROP, "drop");
}

static void
test_lists(void)
{
    ok(read_text("{\"limit\": [\"a = 1\", \"* = 0\"], \"schema\": \"s\", \"table\": []}"),
       "lists");
    is_int((intmax_t)options.limits.n_items, 2, "two limits");
    is_str(options.limits.items[0], "a = 1", "in order");
    is_str(options.limits.items[1], "* = 0", "of the file");
    is_int((intmax_t)options.schemas.n_items, 1, "a string is a list of one");
    is_int((intmax_t)options.tables.n_items, 0, "a list may be empty");
    ok(options_is_from_file(&options, "limit"), "they are from the file");
    ok(!options_is_from_file(&options, "table"), "as nothing empty is");
    ok(read_text("{\"schema\": \"\\u00e9\"}"), "not ASCII");
    is_str(options.schemas.items[0], "\xc3\xa9", "UTF-8");
}

static void
test_command_line_wins(void)
{
    ok(read_both("{\"limit\": [\"1\", \"2\"], \"schema\": \"s\"}", "--limit=3"),
       "a list in both places");
    is_int((intmax_t)options.limits.n_items, 1, "is replaced as a whole");
    is_str(options.limits.items[0], "3", "by that of the command line");
    is_str(options.schemas.items[0], "s", "other members stay");
    ok(!options_is_from_file(&options, "limit") &&
           options_is_from_file(&options, "schema"),
       "it is known which is which");
    ok(read_both("{\"dbname\": \"a\"}", "b"), "a database in both places");
    is_str(options.dbname, "b", "named without an option");
    ok(read_both("{\"dbname\": \"a\"}", "-d b"), "or with one");
    is_str(options.dbname, "b", "is that of the command line");
    ok(read_both("{\"verbose\": 3}", "-v") && options.verbosity == 1, "counts, too");
    ok(read_both("{\"ordered-asc\": true}", "--ordered") && options.order == PICK_NEWEST,
       "the command line comes later");
    ok(read_both("{\"rows-per-insert\": 9, \"file\": \"x\"}", "-f y --rows-per-insert=8"),
       "values in both places");
    is_int(options.rows_per_insert, 8, "number");
    is_str(options.file, "y", "text");
    ok(!read_both("{\"limit\": 1}", "--limit=3"), "what does not count is checked, too");
    ok(!read_both("{\"dbname\": \"a\"}", "b c"), "two databases on the command line");
    ok(!read_both("{}", "-d b c"), "in any form");
}

static void
test_contradictions(void)
{
    char detail[400];

    snprintf(detail, sizeof(detail),
             "Option \"--ordered\" is in the configuration file "
             "\"%s\".",
             path);
    ok(!read_both("{\"ordered\": true}", "--random"), "two places contradict each other");
    is_str(diag.message, "options \"--ordered\" and \"--random\" contradict each other",
           "which is said");
    is_str(diag.detail, detail, "with the place");
    snprintf(detail, sizeof(detail), "Both are in the configuration file \"%s\".", path);
    ok(!read_text("{\"ordered\": true, \"random\": 1}"), "one file contradicts itself");
    is_str(diag.detail, detail, "with the place");
    ok(!read_both("{}", "--ordered --random") && diag.detail == NULL,
       "the command line contradicts itself");
    ok(!read_text("{\"if-exists\": true}") && diag.detail != NULL, "a need");
    ok(read_both("{\"if-exists\": true}", "-c"), "is met elsewhere");
    ok(read_both("{\"ordered\": false}", "--random"), "false contradicts nothing");
    ok(!read_text("{\"file\": \"x\", \"report\": \"x\"}"), "two outputs in one file");
}

/* Files that are wrong, and the message behind their name. */
static void
test_errors(void)
{
    static const struct
    {
        const char *text;
        const char *message; /* %s is the path */
        const char *hint;    /* or NULL: any */
    } errors[] = {
        {"{\"limti\": \"1\"}", "unknown member \"limti\" in \"%s\"",
         "Did you mean \"limit\"?"},
        {"{\"sing\": true}", "unknown member \"sing\" in \"%s\"",
         "Members are the long names of options, without dashes."},
        {"{\"help\": true}", "member \"help\" in \"%s\" is only for the command line",
         NULL},
        {"{\"config\": \"x\"}",
         "member \"config\" in \"%s\" is only for the command line", NULL},
        {"{\"limit\": [\"1\", \"2\", 3]}",
         "member \"limit[2]\" in \"%s\" must be a string",
         "Write \"limit\": [\"RULES\", ...]."},
        {"{\"limit\": 3}",
         "member \"limit\" in \"%s\" must be a string or a list of "
         "strings",
         NULL},
        {"{\"limit\": [[\"3\"]]}", "member \"limit[0]\" in \"%s\" must be a string",
         NULL},
        {"{\"keep\": \"yes\"}", "member \"keep\" in \"%s\" must be true or false",
         "Write \"keep\": true."},
        {"{\"keep\": null}", "member \"keep\" in \"%s\" must be true or false", NULL},
        {"{\"file\": true}", "member \"file\" in \"%s\" must be a string",
         "Write \"file\": \"FILE\"."},
        {"{\"file\": [\"x\"]}", "member \"file\" in \"%s\" must be a string", NULL},
        {"{\"file\": 5}", "member \"file\" in \"%s\" must be a string", NULL},
        {"{\"port\": 1.5}",
         "member \"port\" in \"%s\" must be a whole number or a string", NULL},
        {"{\"ordered\": 1}",
         "member \"ordered\" in \"%s\" must be true, false or a string",
         "Write \"ordered\": true or \"ordered\": \"desc|asc\"."},
        {"{\"random\": {}}",
         "member \"random\" in \"%s\" must be true, false, a whole number or a string",
         NULL},
        {"{\"verbose\": 10}",
         "member \"verbose\" in \"%s\" must be true, false or a number from 0 to 9",
         NULL},
        {"{\"verbose\": \"3\"}",
         "member \"verbose\" in \"%s\" must be true, false or a number from 0 to 9",
         NULL},
        {"{\"rows-per-insert\": -1}",
         "member \"rows-per-insert\" in \"%s\": invalid value \"-1\" for option "
         "\"--rows-per-insert\"",
         "It takes a whole number from 1 to 2147483647."},
        {"{\"file\": \"\"}",
         "member \"file\" in \"%s\": invalid value \"\" for option \"--file\"",
         "It must not be empty."},
        {"{\"limit\": [\"a\", \"b\\u0000c\"]}",
         "member \"limit[1]\" in \"%s\" must not contain the character \\u0000", NULL},
        {"[1]", "configuration file \"%s\" is not a JSON object", NULL},
        {"7", "configuration file \"%s\" is not a JSON object", NULL},
    };
    char message[500];

    for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
    {
        const char *rest = strstr(errors[i].message, "%s");

        snprintf(message, sizeof(message), "%.*s%s%s", (int)(rest - errors[i].message),
                 errors[i].message, path, rest + strlen("%s"));
        ok(!read_text(errors[i].text), "%s is wrong", errors[i].text);
        is_str(diag.message, message, "which is said");
        ok(diag.hint != NULL, "with a hint");
        if (errors[i].hint != NULL)
            is_str(diag.hint, errors[i].hint, "this one");
    }
}

/* Messages in which a part is jansson's. */
static void
test_syntax(void)
{
    static const char *const texts[] = {
        "",
        "{",
        "{\"plan\": true,}",
        "{\"plan\": true} x",
        "{\"plan\": true, \"plan\": true}",
        "{\"file\": \"\xe9t\xe9\"}",
        "{\"random\": 18446744073709551615}",
        "{'plan': true}",
        "{\"a\\u0000b\": 1}",
    };

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
    {
        ok(!read_text(texts[i]), "\"%s\" is wrong", texts[i]);
        ok(diag.message != NULL && strstr(diag.message, "is not valid: line ") != NULL &&
               strstr(diag.message, path) != NULL,
           "%s", diag.message);
    }
    ok(!read_text("{\n  \"plan\": ture\n}"), "a misspelled word");
    ok(strstr(diag.message, ": line 2, column ") != NULL, "%s", diag.message);
    write_file("{\"plan\": true}\0", sizeof("{\"plan\": true}"));
    ok(!read_line(""), "a NUL behind the object");
}

/* The file cannot be read; the message says why. */
static void
is_unreadable(const char *provenance)
{
    ok(!read_line(""), "not to be read");
    ok(diag.message != NULL && strstr(diag.message, provenance) != NULL, "%s",
       diag.message);
}

static void
test_files(void)
{
    const size_t limit = 16 * 1024 * 1024;
    char *blanks = mem_alloc(limit + 1);

    memset(blanks, ' ', limit + 1);
    blanks[0] = '{';
    blanks[1] = '}';
    write_file(blanks, limit);
    ok(read_line(""), "16 MB");
    write_file(blanks, limit + 1);
    is_unreadable("File too large");
    free(blanks);
    unlink(path);
    is_unreadable("No such file");
    snprintf(path, sizeof(path), "/");
    is_unreadable("Is a directory");
}

/* Each option can be a member, in the form that its row asks for. */
static void
test_every_option(void)
{
    const OptionRow *row;

    for (size_t i = 0; (row = option_find_row(&option_table, i)) != NULL; i++)
    {
        char text[100];

        snprintf(text, sizeof(text), "{\"%s\": %s}", row->name,
                 row->argument == NULL || row->is_optional ? "true" : "\"7\"");
        ok(!read_text(text) ==
               (strcmp(row->name, "config") == 0 || strcmp(row->name, "help") == 0 ||
                strcmp(row->name, "version") == 0 ||
                strcmp(row->name, "if-exists") == 0 ||
                strcmp(row->name, "missing") == 0 ||
                strcmp(row->name, "disable-triggers") == 0),
           "%s", text);
    }
}

int
main(void)
{
    const char *directory = getenv("TMPDIR");
    int descriptor;

    arena = arena_new();
    snprintf(path, sizeof(path), "%s/config-XXXXXX",
             directory != NULL ? directory : "/tmp");
    descriptor = mkstemp(path);
    if (descriptor < 0)
        return 1;
    close(descriptor);
    test_kinds();
    test_optional_arguments();
    test_lists();
    test_command_line_wins();
    test_contradictions();
    test_errors();
    test_syntax();
    test_every_option();
    test_files();
    diag_free(&diag);
    arena_free(arena);
    return done_testing();
}
