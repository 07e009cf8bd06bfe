#include "app/translate.h"

#include <langinfo.h>
#include <stdlib.h>
#include <string.h>

/* What the user types in, as the server names it, or NULL: unknown. */
static const char *
get_typed_encoding(void)
{
    const char *named = getenv("PGCLIENTENCODING");

    if (named != NULL && named[0] != '\0')
        return named;
    return strcmp(nl_langinfo(CODESET), "UTF-8") == 0 ? "UTF8" : NULL;
}

static bool
is_ascii(const char *text)
{
    while (*text != '\0' && (unsigned char)*text < 0x80)
        text++;
    return *text == '\0';
}

static const char *
translate(const char *text, const char *typed, Arena *arena, Db *db)
{
    char *translated;
    const char *kept = text;

    if (is_ascii(text))
        return text;
    translated = db_translate(db, text, typed);
    if (translated != NULL)
        kept = arena_copy_string(arena, translated);
    free(translated);
    return kept;
}

static void
translate_list(StringList *list, const char *typed, Arena *arena, Db *db)
{
    const char **items = arena_alloc(arena, list->n_items * sizeof(*items));

    for (size_t i = 0; i < list->n_items; i++)
        items[i] = translate(list->items[i], typed, arena, db);
    list->items = items;
}

void
translate_options(Options *options, Arena *arena, Db *db)
{
    const char *typed = get_typed_encoding();

    if (typed == NULL || strcmp(typed, db_encoding(db)) == 0 ||
        strcmp(db_encoding(db), "SQL_ASCII") == 0)
        return;
    translate_list(&options->limits, typed, arena, db);
    translate_list(&options->schemas, typed, arena, db);
    translate_list(&options->exclude_schemas, typed, arena, db);
    translate_list(&options->tables, typed, arena, db);
    translate_list(&options->exclude_tables, typed, arena, db);
    translate_list(&options->exclude_table_data, typed, arena, db);
}
