#include "load/source/names.h"

#include <stdlib.h>
#include <string.h>

#include "base/csvreader.h"
#include "base/mem.h"

void
names_add(NameList *names, const char *text, size_t length)
{
    char *copy = mem_alloc(length + 1);

    memcpy(copy, text, length);
    copy[length] = '\0';
    MEM_GROW(names->items, names->capacity, names->n_items);
    names->items[names->n_items++] = copy;
}

static int
compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Sorted, since a hostile file may have many. */
static const char *
find_duplicate(const NameList *names)
{
    char **sorted = mem_alloc((names->n_items + 1) * sizeof(char *));
    const char *found = NULL;

    for (size_t i = 0; i < names->n_items; i++)
        sorted[i] = names->items[i];
    qsort(sorted, names->n_items, sizeof(char *), compare);
    for (size_t i = 1; i < names->n_items && found == NULL; i++)
    {
        if (strcmp(sorted[i - 1], sorted[i]) == 0)
            found = sorted[i];
    }
    free(sorted);
    return found;
}

bool
names_check(const NameList *names, const char *file, size_t line, Diag *diag)
{
    const char *duplicate = find_duplicate(names);
    char *problem = NULL;

    for (size_t i = 0; i < names->n_items && problem == NULL; i++)
    {
        if (names->items[i][0] == '\0')
            problem = mem_format("the name of column %zu is empty", i + 1);
    }
    if (problem == NULL && duplicate != NULL)
        problem = mem_format("column \"%s\" is named twice", duplicate);
    if (problem == NULL)
        return true;
    csvreader_set_problem(diag, file, line, problem);
    free(problem);
    return false;
}

void
names_free(NameList *names)
{
    for (size_t i = 0; i < names->n_items; i++)
        free(names->items[i]);
    free(names->items);
    *names = (NameList){0};
}
