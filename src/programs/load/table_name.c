/*
 * Names and lists in options. As in SQL, names are folded to lower case unless they are
 * in double quotes, where a double quote is doubled.
 *
 * Pure: no output, no exit.
 */
#include "programs/load/table_layer.h"

#include <string.h>

#include "base/sqltext.h"

/* The text in the quotes that *rest begins with; *rest is moved behind them. */
static char *
take_quoted_item(const char **rest, Arena *arena)
{
    char *item = arena_alloc(arena, strlen(*rest) + 1);
    const char *end = sqltext_read_quoted(*rest, item);

    if (end == NULL)
        return NULL;
    *rest = end;
    return item;
}

static bool
is_at_stop(const char *text, const char *stops)
{
    return *text == '\0' || strchr(stops, *text) != NULL;
}

const char *
table_name_take_item(const char **rest, const char *stops, Arena *arena)
{
    char *item;
    size_t length;

    if (**rest == '"')
    {
        item = take_quoted_item(rest, arena);
        return item != NULL && is_at_stop(*rest, stops) ? item : NULL;
    }
    length = strcspn(*rest, stops);
    item = arena_copy_string(arena, *rest);
    item[length] = '\0';
    *rest += length;
    return item;
}

const char *
table_name_take(const char **rest, const char *stops, Arena *arena)
{
    bool is_quoted;
    char *name;

    *rest += strspn(*rest, " ");
    is_quoted = **rest == '"';
    if (is_quoted)
    {
        name = take_quoted_item(rest, arena);
        *rest += strspn(*rest, " ");
        return name != NULL && *name != '\0' && is_at_stop(*rest, stops) ? name : NULL;
    }
    name = arena_copy_string(arena, table_name_take_item(rest, stops, arena));
    for (size_t end = strlen(name); end > 0 && name[end - 1] == ' '; end--)
        name[end - 1] = '\0';
    return *name != '\0' ? name : NULL;
}

/* As the server folds, in the encodings where bytes from 0x80 on are left alone. */
static const char *
take_folded(const char **rest, Arena *arena)
{
    bool is_quoted = **rest == '"';
    const char *item = table_name_take(rest, ".", arena);
    char *folded;

    if (item == NULL || is_quoted)
        return item;
    folded = arena_copy_string(arena, item);
    for (char *c = folded; *c != '\0'; c++)
        *c = sqltext_fold(*c);
    return folded;
}

bool
table_name_parse(const char *text, TableName *name, Arena *arena)
{
    *name = (TableName){.name = take_folded(&text, arena)};
    if (name->name != NULL && *text == '.')
    {
        text++;
        name->schema = name->name;
        name->name = take_folded(&text, arena);
    }
    return name->name != NULL && *text == '\0';
}

bool
table_name_matches(const TableName *name, const char *schema, const char *table)
{
    return strcmp(name->name, table) == 0 &&
           (name->schema == NULL ||
            (schema != NULL && strcmp(name->schema, schema) == 0));
}
