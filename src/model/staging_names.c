#include "model/staging_names.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/sqltext.h"

enum
{
    MAX_NAME = 63 /* bytes: NAMEDATALEN - 1 */
};

static const char *const reserved_names[] = {
    "manifest",     "manifest_run",   "manifest_keys",        "manifest_references",
    "resume_facts", "resume_archive", "resume_large_objects", "reached",
    "why",          "why_edges",      "why_references",       "why_sums",
};

static const char *
copy_quoted(Arena *arena, const char *name)
{
    PQExpBufferData text;
    const char *copy;

    initPQExpBuffer(&text);
    sqltext_append_quoted(&text, name, strlen(name));
    copy = arena_copy_string(arena, text.data);
    termPQExpBuffer(&text);
    return copy;
}

static bool
is_reserved_name(const char *name)
{
    for (size_t i = 0; i < sizeof(reserved_names) / sizeof(reserved_names[0]); i++)
    {
        if (strcmp(reserved_names[i], name) == 0)
            return true;
    }
    return false;
}

static int
compare_relation_names(const void *left, const void *right)
{
    const Relation *a = *(const Relation *const *)left;
    const Relation *b = *(const Relation *const *)right;

    return strcmp(a->name, b->name);
}

/* By relation: does another relation have the same name? */
static bool *
find_shared_names(const Catalog *catalog)
{
    size_t n = (size_t)catalog->n_relations;
    bool *is_shared = ARENA_ARRAY(catalog->arena, n, bool);
    const Relation **sorted = ARENA_ARRAY(catalog->arena, n, *sorted);

    for (size_t i = 0; i < n; i++)
        sorted[i] = &catalog->relations[i];
    qsort(sorted, n, sizeof(*sorted), compare_relation_names);
    for (size_t i = 1; i < n; i++)
    {
        if (strcmp(sorted[i - 1]->name, sorted[i]->name) != 0)
            continue;
        is_shared[sorted[i - 1] - catalog->relations] = true;
        is_shared[sorted[i] - catalog->relations] = true;
    }
    return is_shared;
}

/* Is the name that of a relation? It may then be the name of its staging table. */
static bool
is_relation_name(const Catalog *catalog, const char *name)
{
    for (int i = 0; i < catalog->n_relations; i++)
    {
        if (strcmp(catalog->relations[i].name, name) == 0)
            return true;
    }
    return false;
}

/* Bytes here may be more in the server's encoding. */
static bool
is_all_ascii(const char *text)
{
    for (; *text != '\0'; text++)
    {
        if ((unsigned char)*text >= 0x80)
            return false;
    }
    return true;
}

static const char *
choose_table_name(const Catalog *catalog, int relation, bool is_shared)
{
    const Relation *source = &catalog->relations[relation];
    PQExpBufferData text;
    const char *name;

    if (!is_shared && !is_reserved_name(source->name))
        return source->name;
    initPQExpBuffer(&text);
    appendPQExpBuffer(&text, "%s.%s", source->schema, source->name);
    /* "a.b" + "c" and "a" + "b.c" are the same: only a name without other dots is sure */
    if (text.len > MAX_NAME || !is_all_ascii(text.data) ||
        strchr(source->schema, '.') != NULL || is_relation_name(catalog, text.data))
    {
        resetPQExpBuffer(&text);
        appendPQExpBuffer(&text, "table_%u", source->oid);
        while (is_relation_name(catalog, text.data))
            appendPQExpBufferChar(&text, '_');
    }
    name = arena_copy_string(catalog->arena, text.data);
    termPQExpBuffer(&text);
    return name;
}

/* A name for a column of the program's that no column of the source has. */
static const char *
choose_column_name(const Catalog *catalog, const Relation *source, const char *wanted)
{
    PQExpBufferData text;
    const char *name;

    initPQExpBuffer(&text);
    appendPQExpBufferStr(&text, wanted);
    while (catalog_find_column(source, text.data) >= 0)
        appendPQExpBufferChar(&text, '_');
    name = copy_quoted(catalog->arena, text.data);
    termPQExpBuffer(&text);
    return name;
}

StagingNames
staging_names_choose(const Catalog *catalog, const char *schema)
{
    Arena *arena = catalog->arena;
    const bool *is_shared = find_shared_names(catalog);
    StagingNames names = {.schema = schema, .qschema = copy_quoted(arena, schema)};
    PQExpBufferData text;

    names.tables = ARENA_ARRAY(arena, catalog->n_relations, StagingTable);
    initPQExpBuffer(&text);
    for (int i = 0; i < catalog->n_relations; i++)
    {
        const Relation *source = &catalog->relations[i];
        StagingTable *table = &names.tables[i];

        table->name = choose_table_name(catalog, i, is_shared[i]);
        resetPQExpBuffer(&text);
        appendPQExpBuffer(&text, "%s.", names.qschema);
        sqltext_append_quoted(&text, table->name, strlen(table->name));
        table->qname = arena_copy_string(arena, text.data);
        table->pass = choose_column_name(catalog, source, "_pass");
        table->leaf = choose_column_name(catalog, source, "_leaf");
        table->place = choose_column_name(catalog, source, "_place");
    }
    termPQExpBuffer(&text);
    return names;
}
