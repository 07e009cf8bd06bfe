/*
 * pg-sample-docs: prints, from a program's option table, the text of the documents about
 * its options, and from the table of masks the one about these. Run by
 * scripts/update-docs; not installed.
 *
 *     pg-sample-docs [PROGRAM] PART
 */
#include "config.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/log.h"
#include "base/mem.h"
#include "cli/option_table.h"
#include "mask/mask_kinds.h"
#include "programs/load/load_option_table.h"
#include "programs/sample/sample_option_table.h"

static const OptionTable *const programs[] = {&option_table, &load_option_table};

enum
{
    SOURCE_COLUMNS = 80 /* lines are broken before they get longer than this */
};

/* ---- troff, for the manual page */

/* With what is special to troff escaped; hyphens are meant to be copied and pasted. */
static void
print_troff_text(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
    {
        if (text[i] == '-')
            fputs("\\-", stdout);
        else if (text[i] == '\\')
            fputs("\\e", stdout);
        else
            putchar(text[i]);
    }
}

/* Is the word the first of these arguments, or one of its alternatives? */
static bool
is_placeholder(const char *arguments, const char *word, size_t length)
{
    for (size_t i = 0; i < length; i++)
    {
        if (!isupper((unsigned char)word[i]))
            return false;
    }
    return length > 1 && arguments != NULL && strncmp(arguments, word, length) == 0 &&
           !isalpha((unsigned char)arguments[length]);
}

/* Options in bold, placeholders in italics. */
static void
print_troff_word(const char *arguments, const char *word, size_t length)
{
    size_t n_marked = length;

    while (n_marked > 0 && strchr(".,;:)", word[n_marked - 1]) != NULL)
        n_marked--;
    if (n_marked > 1 && word[0] == '-')
        fputs("\\fB", stdout);
    else if (is_placeholder(arguments, word, n_marked))
        fputs("\\fI", stdout);
    else
        n_marked = 0;
    /* at the beginning of a line these would make it a request */
    if (word[0] == '.' || word[0] == '\'')
        fputs("\\&", stdout);
    print_troff_text(word, n_marked);
    if (n_marked > 0)
        fputs("\\fR", stdout);
    print_troff_text(word + n_marked, length - n_marked);
}

static void
print_troff_paragraph(const char *arguments, const char *text)
{
    size_t column = 0;

    while (*text != '\0')
    {
        size_t length = strcspn(text, " ");

        if (column > 0)
        {
            bool is_full = column + 1 + length > SOURCE_COLUMNS;

            putchar(is_full ? '\n' : ' ');
            column = is_full ? 0 : column + 1;
        }
        print_troff_word(arguments, text, length);
        column += length;
        text += length;
        text += strspn(text, " ");
    }
    putchar('\n');
}

static void
print_man_option(const OptionRow *row)
{
    char *text;

    fputs(".TP\n", stdout);
    if (row->letter != 0)
        printf("\\fB\\-%c\\fR, ", row->letter);
    fputs("\\fB", stdout);
    print_troff_text("--", 2);
    print_troff_text(row->name, strlen(row->name));
    fputs("\\fR", stdout);
    if (row->argument != NULL)
        printf(row->is_optional ? "[=\\fI%s\\fR]" : "=\\fI%s\\fR", row->argument);
    putchar('\n');
    text = row->manual != NULL
               ? mem_copy_string(row->manual)
               : mem_format("%c%s.", toupper((unsigned char)row->help[0]), row->help + 1);
    print_troff_paragraph(row->argument, text);
    free(text);
}

static void
print_man_header(const OptionTable *table)
{
    fputs(".TH ", stdout);
    for (const char *c = table->program; *c != '\0'; c++)
    {
        int letter = toupper((unsigned char)*c);

        print_troff_text(&(char){(char)letter}, 1);
    }
    printf(" 1 \"\" \"%s\" \"User Commands\"\n", PACKAGE_STRING);
}

static void
print_man_options(const OptionTable *table)
{
    for (const OptionGroup *group = table->groups; group->title != NULL; group++)
    {
        printf(".SS %s\n", group->title);
        for (const OptionRow *row = group->rows; row->name != NULL; row++)
            print_man_option(row);
    }
}

/* ---- masks */

/* Placeholders in italics; the other words are written as they are. */
static void
print_mask_arguments(const char *arguments)
{
    while (*arguments != '\0')
    {
        size_t length = strspn(arguments, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
        bool is_italic = length > 0 && !islower((unsigned char)arguments[length]);

        if (!is_italic)
            length = 1;
        fputs(is_italic ? "\\fI" : "", stdout);
        print_troff_text(arguments, length);
        fputs(is_italic ? "\\fR" : "", stdout);
        arguments += length;
    }
}

/* The end of its sentence is added to the text. */
static void
append_mask_text(PQExpBuffer text, const MaskKind *kind)
{
    static const char *const ends[] = {
        [MASK_NOT_UNIQUE] = "",
        [MASK_UNIQUE] = " Different values get different masks.",
        [MASK_INJECTIVE] = " Different values always get different masks.",
    };

    appendPQExpBuffer(text, "%s.%s For ", kind->description, ends[kind->uniqueness]);
    mask_kinds_append_types(text, kind);
    appendPQExpBufferChar(text, '.');
}

static void
print_man_masks(const OptionTable *table)
{
    size_t n;
    const MaskKind *const *kinds = mask_kinds_get(&n);

    (void)table;
    for (size_t i = 0; i < n; i++)
    {
        PQExpBufferData text;

        printf(".TP\n\\fB%s\\fR%s", kinds[i]->name,
               *kinds[i]->arguments != '\0' && *kinds[i]->arguments != '(' ? " " : "");
        print_mask_arguments(kinds[i]->arguments);
        putchar('\n');
        initPQExpBuffer(&text);
        append_mask_text(&text, kinds[i]);
        print_troff_paragraph(kinds[i]->arguments, text.data);
        termPQExpBuffer(&text);
    }
}

/* ---- README.md */

static void
print_readme_options(const OptionTable *table)
{
    fputs("```text\n", stdout);
    option_help_print(stdout, table);
    fputs("```\n", stdout);
}

/* ---- bash completion: lists of options by what they take, as variables of a function */

typedef bool (*RowFilter)(const OptionRow *row);

static bool
takes_nothing(const OptionRow *row)
{
    return row->argument == NULL;
}

static bool
may_take(const OptionRow *row)
{
    return row->is_optional;
}

static bool
takes_file(const OptionRow *row)
{
    return row->argument != NULL &&
           (strcmp(row->argument, "FILE") == 0 || strcmp(row->argument, "PATH") == 0);
}

static bool
takes_other(const OptionRow *row)
{
    return row->argument != NULL && !row->is_optional && !takes_file(row);
}

static void
print_bash_list(const OptionTable *table, const char *variable, RowFilter filter)
{
    int column = printf("    %s='", variable);
    const OptionRow *row;

    for (size_t i = 0; (row = option_find_row(table, i)) != NULL; i++)
    {
        char words[64];

        if (!filter(row))
            continue;
        if (row->letter != 0)
            snprintf(words, sizeof(words), " -%c --%s", row->letter, row->name);
        else
            snprintf(words, sizeof(words), " --%s", row->name);
        if (column + (int)strlen(words) > SOURCE_COLUMNS)
            column = printf("\n       ") - 1;
        column += printf("%s", words);
    }
    puts(" '");
}

static void
print_bash_options(const OptionTable *table)
{
    print_bash_list(table, "takes_nothing", takes_nothing);
    print_bash_list(table, "takes_file", takes_file);
    print_bash_list(table, "takes_other", takes_other);
    print_bash_list(table, "may_take", may_take);
}

/* ---- */

typedef struct Part
{
    const char *name;
    void (*print)(const OptionTable *table);
} Part;

static const Part *
find_part(const char *name)
{
    static const Part parts[] = {
        {"bash-options", print_bash_options},     {"man-header", print_man_header},
        {"man-masks", print_man_masks},           {"man-options", print_man_options},
        {"readme-options", print_readme_options},
    };

    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
    {
        if (strcmp(parts[i].name, name) == 0)
            return &parts[i];
    }
    return NULL;
}

static const OptionTable *
find_program(const char *name)
{
    for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++)
    {
        if (strcmp(programs[i]->program, name) == 0)
            return programs[i];
    }
    return NULL;
}

int
main(int argc, char **argv)
{
    const OptionTable *table = argc == 3 ? find_program(argv[1]) : programs[0];
    const Part *part = argc > 1 && argc <= 3 ? find_part(argv[argc - 1]) : NULL;

    log_init("pg-sample-docs", 0);
    die_init();
    if (part != NULL && table != NULL)
        part->print(table);
    else
        die_hint(EXIT_USAGE, "It is called by scripts/update-docs.",
                 "the name of one part of the documents is needed");
    if (fflush(stdout) != 0 || ferror(stdout))
        die_errno(EXIT_OUTPUT, "could not write to standard output");
    return EXIT_DONE;
}
