#include "model/nearest_name.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/mem.h"
#include "base/nearest.h"
#include "base/sqltext.h"
#include "base/strbuf.h"

/* Is it the same in double quotes and without? */
static bool
is_plain(const char *name)
{
    return *name != '\0' && strchr("0123456789$", *name) == NULL &&
           strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_$") == strlen(name);
}

/* A name as a pattern has it. */
static const char *
quote_if_needed(Arena *arena, const char *name)
{
    PQExpBufferData text;
    const char *quoted;

    if (name == NULL || is_plain(name))
        return name;
    initPQExpBuffer(&text);
    sqltext_append_quoted(&text, name, strlen(name));
    quoted = arena_copy_string(arena, text.data);
    termPQExpBuffer(&text);
    return quoted;
}

static const char *
join_names(Arena *arena, const char *table, const char *constraint)
{
    char *text = mem_format("%s.%s", quote_if_needed(arena, table),
                            quote_if_needed(arena, constraint));
    const char *copy = arena_copy_string(arena, text);

    free(text);
    return copy;
}

static const char *
find_and_free(const char *text, const char **names, size_t n)
{
    const char *found = nearest_find(text, names, n);

    free(names);
    return found;
}

/* A table that the pattern would match in another schema, or with other letters' case. */
static const char *
find_elsewhere(const Catalog *catalog, const Pattern *pattern)
{
    Pattern anywhere = *pattern;

    anywhere.schema = NULL;
    for (int i = 0; i < catalog->n_relations; i++)
    {
        const Relation *relation = &catalog->relations[i];

        if (pattern->schema != NULL
                ? pattern->is_exact && pattern_matches(&anywhere, "", relation->name)
                : strcasecmp(pattern->text, relation->name) == 0)
            return relation->qname;
    }
    return NULL;
}

const char *
nearest_name_of_table(const Catalog *catalog, const Pattern *pattern)
{
    size_t n = (size_t)catalog->n_relations;
    const char **names;
    const char *found = find_elsewhere(catalog, pattern);

    if (found != NULL)
        return found;
    names = mem_alloc_zero(n, sizeof(*names));
    for (size_t i = 0; i < n; i++)
        names[i] = pattern->schema != NULL
                       ? catalog->relations[i].qname
                       : quote_if_needed(catalog->arena, catalog->relations[i].name);
    return find_and_free(pattern->text, names, n);
}

const char *
nearest_name_of_schema(const Catalog *catalog, const Pattern *pattern)
{
    size_t n = (size_t)catalog->n_relations;
    const char **names = mem_alloc_zero(n, sizeof(*names));

    for (size_t i = 0; i < n; i++)
        names[i] = quote_if_needed(catalog->arena, catalog->relations[i].schema);
    return find_and_free(pattern->text, names, n);
}

const char *
nearest_name_of_key(const Catalog *catalog, const Pattern *pattern)
{
    size_t n_keys = (size_t)catalog->n_foreign_keys;
    size_t n = 0;
    const char **names = mem_alloc_zero(4 * n_keys, sizeof(*names));

    for (size_t i = 0; i < n_keys; i++)
    {
        const ForeignKey *key = &catalog->foreign_keys[i];
        const Relation *relation = &catalog->relations[key->referencing];

        names[n++] = quote_if_needed(catalog->arena, key->name);
        names[n++] = quote_if_needed(catalog->arena, relation->name);
        if (pattern->schema == NULL)
            continue;
        names[n++] = relation->qname;
        names[n++] = join_names(catalog->arena, relation->name, key->name);
    }
    return find_and_free(pattern->text, names, n);
}

const char *
nearest_name_of_column(const Relation *relations, int n_relations, const char *name)
{
    size_t n = 0;
    size_t n_names = 0;
    const char **names;

    for (int i = 0; i < n_relations; i++)
        n += (size_t)relations[i].n_columns;
    names = mem_alloc_zero(n, sizeof(*names));
    for (int i = 0; i < n_relations; i++)
    {
        for (int j = 0; j < relations[i].n_columns; j++)
            names[n_names++] = relations[i].columns[j].name;
    }
    return find_and_free(name, names, n);
}

void
nearest_name_set_hint(Diag *diag, const char *nearest, const char *otherwise)
{
    if (nearest != NULL)
        diag_set_hint(diag, "Did you mean \"%s\"?", nearest);
    else if (otherwise != NULL)
        diag_set_hint(diag, "%s", otherwise);
}
