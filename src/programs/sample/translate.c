/*
 * Converts options to the encoding of the dump, which is that of all statements and of
 * the names in them. Rules and patterns are typed in the encoding of the locale or of
 * PGCLIENTENCODING, or are in UTF-8 in a configuration file.
 */
#include "programs/sample/run_internal.h"

#include <langinfo.h>
#include <stdlib.h>
#include <string.h>

#include "base/copytext.h"
#include "base/die.h"
#include "base/mem.h"
#include "base/strbuf.h"

/* The encoding of the command line, or NULL: unknown. */
static const char *
get_typed_encoding(void)
{
    const char *named = getenv("PGCLIENTENCODING");
    int encoding = named != NULL ? pg_char_to_encoding(named) : -1;

    if (encoding >= 0)
        return pg_encoding_to_char(encoding);
    return strcmp(nl_langinfo(CODESET), "UTF-8") == 0 ? "UTF8" : NULL;
}

/* The text converted to the encoding of the connection, or NULL: it is not valid. */
static char *
convert_text(Db *db, const char *text, const char *encoding)
{
    PQExpBufferData sql;
    PGresult *result;
    char *converted = NULL;

    initPQExpBuffer(&sql);
    appendPQExpBufferStr(&sql, "SELECT pg_catalog.convert_from(pg_catalog.decode('");
    for (const char *c = text; *c != '\0'; c++)
        appendPQExpBuffer(&sql, "%02x", (unsigned char)*c);
    appendPQExpBufferStr(&sql, "', 'hex'), ");
    copytext_append_string(&sql, encoding, strlen(encoding));
    appendPQExpBufferChar(&sql, ')');
    result = db_try(db, sql.data);
    if (db_succeeded(result))
        converted = mem_copy_string(PQgetvalue(result, 0, 0));
    PQclear(result);
    termPQExpBuffer(&sql);
    return converted;
}

typedef struct Translator
{
    Options *options;
    Arena *arena;
    Db *db;
    const char *typed; /* encoding of the command line, or NULL: unknown */
} Translator;

/* A text of the option. */
static const char *
translate(const Translator *translator, const char *option, const char *text)
{
    const Options *options = translator->options;
    bool is_from_file = options_is_from_file(options, option);
    const char *encoding = is_from_file ? "UTF8" : translator->typed;
    char *translated;
    const char *kept = text;

    if (encoding == NULL || copytext_is_ascii(text) ||
        strcmp(encoding, db_encoding(translator->db)) == 0)
        return text;
    translated = convert_text(translator->db, text, encoding);
    if (translated != NULL)
        kept = arena_copy_string(translator->arena, translated);
    else if (is_from_file)
        die_message(EXIT_USAGE,
                    "member \"%s\" in \"%s\" has characters that the database or the "
                    "dump (encoding \"%s\") does not have",
                    option, options->config, db_encoding(translator->db));
    free(translated);
    return kept;
}

static void
translate_list(const Translator *translator, const char *option, StringList *list)
{
    const char **items = ARENA_ARRAY(translator->arena, list->n_items, *items);

    for (size_t i = 0; i < list->n_items; i++)
        items[i] = translate(translator, option, list->items[i]);
    list->items = items;
}

void
translate_options(Options *options, Arena *arena, Db *db)
{
    const Translator translator = {.options = options,
                                   .arena = arena,
                                   .db = db,
                                   .typed = get_typed_encoding()};
    const struct
    {
        const char *option;
        StringList *list;
    } lists[] = {{"limit", &options->limits},
                 {"root", &options->subset.roots},
                 {"children", &options->subset.children},
                 {"where-column", &options->subset.where_columns},
                 {"reference", &options->subset.references},
                 {"ignore-fk", &options->subset.ignored},
                 {"explain", &options->subset.explain},
                 {"mask", &options->mask.rules},
                 {"schema", &options->schemas},
                 {"exclude-schema", &options->exclude_schemas},
                 {"table", &options->tables},
                 {"exclude-table", &options->exclude_tables},
                 {"exclude-table-data", &options->exclude_table_data}};

    if (strcmp(db_encoding(db), "SQL_ASCII") == 0)
        return;
    if (options->restore_search_path != NULL)
        options->restore_search_path =
            translate(&translator, "restore-search-path", options->restore_search_path);
    if (options->sample_schema != NULL)
        options->sample_schema =
            translate(&translator, "sample-schema", options->sample_schema);
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
        translate_list(&translator, lists[i].option, lists[i].list);
}
