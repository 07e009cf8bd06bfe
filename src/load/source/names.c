#include "load/source/names.h"

#include <stdlib.h>

#include "base/mem.h"

void
names_add(NameList *names, const char *text, size_t length)
{
    MEM_GROW(names->items, names->capacity, names->n_items);
    names->items[names->n_items++] = mem_copy_part(text, length);
}

void
names_free(NameList *names)
{
    for (size_t i = 0; i < names->n_items; i++)
        free(names->items[i]);
    free(names->items);
    *names = (NameList){0};
}
