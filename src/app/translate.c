#include "app/translate.h"

#include <langinfo.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"

/* What the user types in, as the server names it, or NULL: unknown. */
static const char *
get_typed_encoding(void)
{
    const char *named = getenv("PGCLIENTENCODING");
    int encoding = named != NULL ? pg_char_to_encoding(named) : -1;

    if (encoding >= 0)
        return pg_encoding_to_char(encoding);
    return strcmp(nl_langinfo(CODESET), "UTF-8") == 0 ? "UTF8" : NULL;
}

static bool
is_ascii(const char *text)
{
    while (*text != '\0' && (unsigned char)*text < 0x80)
        text++;
    return *text == '\0';
}

/* The text from one encoding to the connection's, or NULL: it is not valid there. */
static char *
convert(Db *db, const char *text, const char *encoding)
{
    PQExpBufferData sql;
    PGresult *result;
    char *converted = NULL;

    initPQExpBuffer(&sql);
    appendPQExpBufferStr(&sql, "SELECT pg_catalog.convert_from(pg_catalog.decode('");
    for (const char *c = text; *c != '\0'; c++)
        appendPQExpBuffer(&sql, "%02x", (unsigned char)*c);
    appendPQExpBuffer(&sql, "', 'hex'), '%s')", encoding);
    result = db_try(db, sql.data);
    if (db_succeeded(result))
        converted = mem_copy_string(PQgetvalue(result, 0, 0));
    PQclear(result);
    termPQExpBuffer(&sql);
    return converted;
}

static const char *
translate(const char *text, const char *typed, Arena *arena, Db *db)
{
    char *translated;
    const char *kept = text;

    if (is_ascii(text))
        return text;
    translated = convert(db, text, typed);
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
    if (options->sample_schema != NULL)
        options->sample_schema = translate(options->sample_schema, typed, arena, db);
    translate_list(&options->limits, typed, arena, db);
    translate_list(&options->schemas, typed, arena, db);
    translate_list(&options->exclude_schemas, typed, arena, db);
    translate_list(&options->tables, typed, arena, db);
    translate_list(&options->exclude_tables, typed, arena, db);
    translate_list(&options->exclude_table_data, typed, arena, db);
}
