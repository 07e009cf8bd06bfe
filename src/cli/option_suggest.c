/*
 * What may be meant by a name that is no option: an option that is spelled like it, or
 * what other programs call by that name.
 *
 * Pure: no output, no exit.
 */
#include "cli/option_table.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/nearest.h"

/* Is the name one of the words, which blanks separate? */
static bool
is_word_of(const char *words, const char *name, size_t length)
{
    for (const char *word = words; *word != '\0'; word += strspn(word, " "))
    {
        size_t word_length = strcspn(word, " ");

        if (word_length == length && strncmp(word, name, length) == 0)
            return true;
        word += word_length;
    }
    return false;
}

static const ForeignOption *
find_foreign(const OptionTable *table, const char *name, size_t length)
{
    for (const ForeignOption *option = table->foreign; option->names != NULL; option++)
    {
        if (is_word_of(option->names, name, length))
            return option;
    }
    return NULL;
}

bool
option_suggest_is_known(const OptionTable *table, const char *name)
{
    size_t length = strcspn(name, "=");
    const OptionRow *row;

    for (size_t i = 0; (row = option_find_row(table, i)) != NULL; i++)
    {
        if (strlen(row->name) == length && strncmp(row->name, name, length) == 0)
            return true;
    }
    return length > 1 && find_foreign(table, name, length) != NULL;
}

/* Lists all names that begin like this, quoted; the caller frees it. */
static char *
list_longer(const char *const *names, size_t n_names, const char *beginning,
            const char *dashes, size_t *n_found)
{
    char *list = mem_copy_string("");

    *n_found = 0;
    for (size_t i = 0; i < n_names; i++)
    {
        char *longer;

        if (names[i] == NULL || strncmp(names[i], beginning, strlen(beginning)) != 0)
            continue;
        longer =
            mem_format("%s%s\"%s%s\"", list, *n_found > 0 ? ", " : "", dashes, names[i]);
        free(list);
        list = longer;
        ++*n_found;
    }
    return list;
}

/* The only name that begins like the word, or the nearest one, or all that begin so. */
static bool
suggest_name(const char *const *names, size_t n_names, const char *word,
             const char *dashes, Diag *diag)
{
    const char *nearest = nearest_find(word, names, n_names);
    size_t n_longer;
    char *longer = list_longer(names, n_names, word, dashes, &n_longer);
    bool is_found = true;

    if (n_longer == 1)
        diag_set_hint(diag, "Did you mean %s?", longer);
    else if (nearest != NULL)
        diag_set_hint(diag, "Did you mean \"%s%s\"?", dashes, nearest);
    else if (n_longer > 0)
        diag_set_hint(diag, "It could be %s.", longer);
    else
        is_found = false;
    free(longer);
    return is_found;
}

bool
option_suggest(const OptionTable *table, const char *name, const char *dashes,
               bool (*is_left_out)(const OptionRow *row), Diag *diag)
{
    size_t n_rows = option_find_count_rows(table);
    const char **names = mem_alloc_zero(n_rows, sizeof(*names));
    char *word = mem_copy_string(name);
    const ForeignOption *foreign;
    bool is_found = true;

    word[strcspn(word, "=")] = '\0';
    foreign = find_foreign(table, word, strlen(word));
    for (size_t i = 0; i < n_rows; i++)
    {
        const OptionRow *row = option_find_row(table, i);

        if (is_left_out == NULL || !is_left_out(row))
            names[i] = row->name;
    }
    if (foreign != NULL)
        diag_set_hint(diag, "%s", foreign->hint);
    else
        is_found = strlen(word) > 1 && suggest_name(names, n_rows, word, dashes, diag);
    free(word);
    free(names);
    return is_found;
}
