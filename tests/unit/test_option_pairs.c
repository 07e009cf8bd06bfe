/*
 * Which options go together with those that change what a program does. The answer is
 * written down here once more for each pair, so that a new option must be thought about:
 * what is not listed is refused.
 */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "cli/command_line.h"
#include "programs/load/load_option_table.h"
#include "programs/sample/sample_option_table.h"
#include "tap.h"

#define SAMPLE_COMMON                                                                    \
    " config verbose version help dbname host port username no-password password"        \
    " encoding lock-timeout sample-schema "
#define SAMPLE_WRITING                                                                   \
    " clean if-exists no-transaction no-refresh no-owner owner no-privileges privileges" \
    " no-tablespaces tablespaces superuser-objects "
#define SAMPLE_ROWS_WRITTEN                                                              \
    " inserts rows-per-insert on-conflict-do-nothing disable-triggers data-only "
#define SAMPLE_RUN " no-sync pg-dump restore-search-path "
#define SAMPLE_TABLES                                                                    \
    " schema exclude-schema table exclude-table exclude-table-data enable-row-security"  \
    " continue-on-error staging-tables staging-fks "
#define SAMPLE_ROWS                                                                      \
    " limit ordered ordered-asc ordered-desc random root root-file missing children"     \
    " depth lookup-rows where-column reference ignore-fk max-rows max-size memory-limit" \
    " explain explain-edges "
#define SAMPLE_MASKS " mask mask-labels mask-required "
#define SAMPLE_KEY " mask-key-file "
#define SAMPLE_STAGING " use-staging force keep verify-only "

#define LOAD_COMMON                                                                      \
    " verbose quiet version help dbname host port username no-password password"         \
    " password-file source file max-retries schema-name log-format older-than "
#define LOAD_ANY                                                                         \
    " config encoding mode slice strategy natural-key timestamp-column"                  \
    " conflict immutable-fields immutable updated-at-column soft-delete"                 \
    " deleted-at-column audit undo no-undo"                                              \
    " timestamp-compare timestamp-nulls on-duplicate max-errors rejects-file"            \
    " max-delete-pct min-rows expect check allow-cascade allow-same-database"            \
    " allow-unknown-source allow-mixed-masks apply"                                      \
    " lock-timeout transaction-timeout work-mem keep metrics-file metrics-format "
#define LOAD_READING                                                                     \
    " format csv-delimiter csv-quote csv-escape csv-null csv-header no-csv-header map"   \
    " ignore-unknown-columns data-member table-name exclude-table staging"               \
    " staging-min-rows batch-size jobs s3-endpoint s3-region s3-path-style"              \
    " s3-anonymous fetch-retries fetch-timeout "
#define LOAD_BATCH " batch-id "
#define LOAD_UNDOING                                                                     \
    " rollback-conflicts dry-run check-only config allow-cascade audit lock-timeout"     \
    " transaction-timeout work-mem keep metrics-file metrics-format "

/* By mode: all options that it goes together with, besides itself. */
static const struct
{
    const OptionTable *table;
    const char *mode;
    const char *allowed;
} answers[] = {
    {&option_table, "schema-only",
     SAMPLE_COMMON SAMPLE_RUN SAMPLE_TABLES SAMPLE_WRITING
     " file report plan no-staging "},
    {&option_table, "no-staging",
     SAMPLE_COMMON SAMPLE_RUN SAMPLE_TABLES SAMPLE_ROWS SAMPLE_WRITING SAMPLE_ROWS_WRITTEN
         SAMPLE_MASKS SAMPLE_KEY " file report plan suggest-masks schema-only "},
    {&option_table, "plan",
     SAMPLE_COMMON SAMPLE_RUN SAMPLE_TABLES SAMPLE_ROWS SAMPLE_WRITING SAMPLE_ROWS_WRITTEN
         SAMPLE_STAGING SAMPLE_MASKS SAMPLE_KEY " schema-only no-staging "},
    {&option_table, "verify-only",
     SAMPLE_COMMON SAMPLE_RUN SAMPLE_TABLES SAMPLE_ROWS SAMPLE_STAGING SAMPLE_MASKS
         SAMPLE_KEY " report plan suggest-masks data-only "},
    {&option_table, "resume",
     SAMPLE_COMMON SAMPLE_RUN SAMPLE_WRITING SAMPLE_ROWS_WRITTEN SAMPLE_KEY
     " file report "},
    {&option_table, "cleanup", SAMPLE_COMMON},
    {&option_table, "suggest-masks",
     SAMPLE_COMMON SAMPLE_RUN SAMPLE_TABLES SAMPLE_ROWS SAMPLE_WRITING SAMPLE_ROWS_WRITTEN
         SAMPLE_STAGING SAMPLE_MASKS SAMPLE_KEY " no-staging "},
    {&option_table, "new-mask-key", SAMPLE_COMMON},
    {&option_table, "mask-list", SAMPLE_COMMON},
    {&load_option_table, "status", LOAD_COMMON LOAD_BATCH},
    {&load_option_table, "gc", LOAD_COMMON},
    {&load_option_table, "commit-staged", LOAD_COMMON LOAD_ANY " dry-run check-only "},
    {&load_option_table, "stage-only", LOAD_COMMON LOAD_ANY LOAD_READING},
    {&load_option_table, "init", LOAD_COMMON " print-ddl "},
    {&load_option_table, "print-ddl", LOAD_COMMON " init "},
    {&load_option_table, "approve",
     LOAD_COMMON LOAD_ANY LOAD_READING LOAD_BATCH " no-staging "},
    {&load_option_table, "rollback", LOAD_COMMON LOAD_UNDOING LOAD_BATCH},
    {&load_option_table, "undo-of", LOAD_COMMON LOAD_UNDOING},
};

enum
{
    N_ANSWERS = sizeof(answers) / sizeof(answers[0])
};

static Arena *arena;

static bool
is_word_of(const char *words, const char *name)
{
    char word[64];

    snprintf(word, sizeof(word), " %s ", name);
    return strstr(words, word) != NULL;
}

/* What the program says of the two options; NULL: nothing against them. */
static const char *
find_contradiction(const OptionTable *table, const char *first, const char *second)
{
    char *argv[] = {arena_copy_string(arena, table->program), NULL};
    static Diag diag;
    CommandLine line;

    diag_free(&diag);
    diag = (Diag){0};
    command_line_init(&line, table, arena, 1, argv, &diag);
    command_line_set_given(&line, first);
    command_line_set_given(&line, second);
    return !command_line_check(&line) && strstr(diag.message, "contradict each other")
               ? diag.message
               : NULL;
}

static void
test_mode(const OptionTable *table, const char *mode, const char *allowed)
{
    const OptionRow *row;

    for (size_t i = 0; (row = option_find_row(table, i)) != NULL; i++)
    {
        const char *problem = find_contradiction(table, mode, row->name);
        bool is_allowed = strcmp(row->name, mode) == 0 || is_word_of(allowed, row->name);

        ok((problem == NULL) == is_allowed, "--%s and --%s", mode, row->name);
    }
}

static int
count_answers(const OptionTable *table, const char *mode)
{
    int n = 0;

    for (size_t i = 0; i < N_ANSWERS; i++)
        n += answers[i].table == table && strcmp(answers[i].mode, mode) == 0;
    return n;
}

/* The bits of the rows name modes, and two modes agree on each other. */
static void
test_bits(const OptionTable *table)
{
    const OptionMode *modes = table->modes;
    const OptionRow *row;
    int n_modes = 0;

    for (; modes[n_modes].name != NULL; n_modes++)
    {
        const OptionRow *mode = option_find_name(table, modes[n_modes].name);

        ok(mode != NULL && (mode->modes & 1U << n_modes) != 0, "--%s goes with itself",
           modes[n_modes].name);
        is_int(count_answers(table, modes[n_modes].name), 1, "and its pairs are tested");
        ok(modes[n_modes].hint != NULL, "and it has a hint");
        for (int i = 0; i < n_modes; i++)
            is_int((mode->modes & 1U << i) != 0,
                   (option_find_name(table, modes[i].name)->modes & 1U << n_modes) != 0,
                   "--%s and --%s agree", modes[n_modes].name, modes[i].name);
    }
    for (size_t i = 0; (row = option_find_row(table, i)) != NULL; i++)
        ok(row->modes >> n_modes == 0, "--%s has no other modes", row->name);
}

/* The names in the answers are those of options. */
static void
test_names(const OptionTable *table, const char *allowed)
{
    char *rest = arena_copy_string(arena, allowed);

    for (char *name; (name = strsep(&rest, " ")) != NULL;)
        ok(*name == '\0' || option_find_name(table, name) != NULL, "--%s", name);
}

int
main(void)
{
    arena = arena_new();
    for (size_t i = 0; i < N_ANSWERS; i++)
    {
        test_names(answers[i].table, answers[i].allowed);
        test_mode(answers[i].table, answers[i].mode, answers[i].allowed);
    }
    test_bits(&option_table);
    test_bits(&load_option_table);
    arena_free(arena);
    return done_testing();
}
