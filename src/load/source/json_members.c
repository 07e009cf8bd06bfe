#include "load/source/json_members.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/nearest.h"

enum
{
    LONGEST_NAME = 63, /* bytes of a column's name: NAMEDATALEN - 1, unless recompiled */
    LONGEST_SHOWN = 200
};

/* FNV-1a */
static size_t
hash_name(const char *text, size_t length)
{
    uint64_t hash = 0xcbf29ce484222325;

    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (unsigned char)text[i]) * 0x100000001b3;
    return (size_t)(hash ^ (hash >> 32));
}

static bool
is_named(const JsonName *name, bool is_mapped, const char *text, size_t length)
{
    return name->is_mapped == is_mapped && name->length == length &&
           memcmp(name->text, text, length) == 0;
}

static int
find_slot_name(const JsonMembers *members, bool is_mapped, const char *text,
               size_t length)
{
    size_t slot = hash_name(text, length) % members->n_slots;

    for (; members->slots[slot] >= 0; slot = (slot + 1) % members->n_slots)
    {
        if (is_named(&members->names[members->slots[slot]], is_mapped, text, length))
            return members->slots[slot];
    }
    return -1;
}

void
json_members_prepare(JsonMembers *members, Arena *arena)
{
    members->n_slots = 2 * members->n_names + 1;
    members->slots = ARENA_ARRAY(arena, members->n_slots, int);
    for (size_t i = 0; i < members->n_slots; i++)
        members->slots[i] = -1;
    for (size_t i = 0; i < members->n_names; i++)
    {
        size_t slot = hash_name(members->names[i].text, members->names[i].length) %
                      members->n_slots;

        while (members->slots[slot] >= 0)
            slot = (slot + 1) % members->n_slots;
        members->slots[slot] = (int)i;
    }
}

/* In lower case, in ASCII; the caller releases it. */
static char *
fold_name(const char *text, size_t length)
{
    char *folded = mem_copy_part(text, length);

    for (size_t i = 0; i < length; i++)
    {
        if (folded[i] >= 'A' && folded[i] <= 'Z')
            folded[i] = (char)(folded[i] - 'A' + 'a');
    }
    return folded;
}

int
json_members_find(const JsonMembers *members, const char *name, size_t length)
{
    int found = find_slot_name(members, true, name, length);
    char *folded;

    if (found < 0)
        found = find_slot_name(members, false, name, length);
    if (found >= 0 || length > 4 * LONGEST_NAME)
        return found;
    folded = fold_name(name, length);
    found = find_slot_name(members, false, folded, length);
    free(folded);
    return found;
}

/* The beginning of a long name, up to the end of a character of UTF-8. */
static size_t
limit_name(const char *name, size_t length)
{
    if (length <= LONGEST_SHOWN)
        return length;
    length = LONGEST_SHOWN;
    while (length > 0 && ((unsigned char)name[length] & 0xC0) == 0x80)
        length--;
    return length;
}

char *
json_members_describe_unknown(const JsonMembers *members, const char *name, size_t length)
{
    const char **names = mem_alloc((members->n_columns + 1) * sizeof(*names));
    size_t n_shown = limit_name(name, length);
    bool is_long = n_shown < length;
    char *shown = mem_copy_part(name, n_shown);
    const char *nearest;
    char *reason;

    for (size_t i = 0; i < members->n_columns; i++)
        names[i] = members->columns[i].name;
    nearest = is_long ? NULL : nearest_find(shown, names, members->n_columns);
    reason =
        mem_format("the table has no column \"%s%s\"%s%s%s", shown, is_long ? "..." : "",
                   nearest != NULL ? "; perhaps \"" : "", nearest != NULL ? nearest : "",
                   nearest != NULL ? "\" is meant" : "");
    free(shown);
    free(names);
    return reason;
}
