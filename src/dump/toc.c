#include "dump/toc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "dump/toc_kind.h"

/* A list under construction: the arrays that grow, and their room. */
typedef struct TocParser
{
    Toc *toc;
    size_t entries_capacity;
    size_t dependencies_capacity; /* of the last entry */
} TocParser;

/* Splits what follows the numbers of a line: a kind, a blank and the label. */
static void
entry_set_names(TocEntry *entry, const char *text, size_t length)
{
    char *line = mem_copy_part(text, length);
    const TocKind *kind = toc_kind_find_prefix(line, entry->class_oid);
    size_t kind_length = kind != NULL ? strlen(kind->name) : strcspn(line, " ");
    const char *label = line + kind_length;

    entry->kind = mem_copy_part(line, kind_length);
    entry->label = mem_copy_string(*label == ' ' ? label + 1 : label);
    free(line);
}

/* "3664; 1259 16385 INDEX app customer_n owner" */
static void
parse_entry(TocParser *parser, const char *line, const char *end)
{
    Toc *toc = parser->toc;
    TocEntry entry = {.is_kept = true};
    char *next;

    entry.dump_id = (int)strtol(line, &next, 10);
    if (next == line || *next != ';')
        return;
    entry.class_oid = (uint32_t)strtoul(next + 1, &next, 10);
    entry.oid = (uint32_t)strtoul(next, &next, 10);
    if (*next != ' ' || next >= end)
        return;
    entry_set_names(&entry, next + 1, (size_t)(end - next - 1));
    MEM_GROW(toc->entries, parser->entries_capacity, toc->n_entries);
    toc->entries[toc->n_entries++] = entry;
    parser->dependencies_capacity = 0;
}

void
toc_add_dependency(TocEntry *entry, size_t *capacity, int dump_id)
{
    MEM_GROW(entry->dependencies, *capacity, entry->n_dependencies);
    entry->dependencies[entry->n_dependencies++] = dump_id;
}

/* What an entry depends on: ";", a tab, "depends on: 11 230 230". */
static void
parse_dependencies(TocParser *parser, const char *line, const char *end)
{
    static const char introduction[] = ";\tdepends on:";
    TocEntry *entry = &parser->toc->entries[parser->toc->n_entries - 1];
    const char *next = line + sizeof(introduction) - 1;

    if (strncmp(line, introduction, sizeof(introduction) - 1) != 0)
        return;
    while (next < end && *next == ' ')
    {
        char *after;
        int dump_id = (int)strtol(next, &after, 10);

        if (after == next)
            return;
        toc_add_dependency(entry, &parser->dependencies_capacity, dump_id);
        next = after;
    }
}

static bool
has_suffix(const char *text, const char *suffix)
{
    size_t length = strlen(text);
    size_t suffix_length = strlen(suffix);

    return length >= suffix_length && strcmp(text + length - suffix_length, suffix) == 0;
}

/* Is the type, or server, one that the shell type, or user mapping, belongs to? */
static bool
is_unrecorded_dependency(const TocEntry *entry, const TocEntry *other)
{
    char *server;
    bool is_server;

    if (strcmp(entry->kind, "SHELL TYPE") == 0)
        return strcmp(other->kind, "TYPE") == 0 &&
               strcmp(other->label, entry->label) == 0;
    if (strcmp(other->kind, "SERVER") != 0 || strncmp(other->label, "- ", 2) != 0)
        return false;
    server = mem_format(" SERVER %s", other->label + 2);
    is_server = has_suffix(entry->label, server);
    free(server);
    return is_server;
}

static void
add_unrecorded_dependencies(Toc *toc)
{
    for (size_t i = 0; i < toc->n_entries; i++)
    {
        TocEntry *entry = &toc->entries[i];
        size_t capacity = entry->n_dependencies;

        if (strcmp(entry->kind, "SHELL TYPE") != 0 &&
            strcmp(entry->kind, "USER MAPPING") != 0)
            continue;
        for (size_t j = 0; j < toc->n_entries; j++)
        {
            if (is_unrecorded_dependency(entry, &toc->entries[j]))
                toc_add_dependency(entry, &capacity, toc->entries[j].dump_id);
        }
    }
}

static int
compare_dump_ids(const void *left, const void *right)
{
    const TocEntry *a = *(TocEntry *const *)left;
    const TocEntry *b = *(TocEntry *const *)right;

    return (a->dump_id > b->dump_id) - (a->dump_id < b->dump_id);
}

static int
compare_objects(const void *left, const void *right)
{
    const TocEntry *a = *(TocEntry *const *)left;
    const TocEntry *b = *(TocEntry *const *)right;

    if (a->class_oid != b->class_oid)
        return a->class_oid < b->class_oid ? -1 : 1;
    return (a->oid > b->oid) - (a->oid < b->oid);
}

static TocEntry **
sort_entries(Toc *toc, int (*compare)(const void *, const void *))
{
    TocEntry **sorted = mem_alloc_zero(toc->n_entries, sizeof(*sorted));

    for (size_t i = 0; i < toc->n_entries; i++)
        sorted[i] = &toc->entries[i];
    qsort(sorted, toc->n_entries, sizeof(*sorted), compare);
    return sorted;
}

static void
sort_all(Toc *toc)
{
    toc->by_id = sort_entries(toc, compare_dump_ids);
    toc->by_object = sort_entries(toc, compare_objects);
}

void
toc_complete(Toc *toc)
{
    add_unrecorded_dependencies(toc);
    sort_all(toc);
}

Toc *
toc_parse(const char *listing)
{
    TocParser parser = {.toc = mem_alloc_zero(1, sizeof(Toc))};
    Toc *toc = parser.toc;

    for (const char *line = listing; *line != '\0';)
    {
        const char *end = line + strcspn(line, "\n");

        if (*line != ';')
            parse_entry(&parser, line, end);
        else if (toc->n_entries > 0)
            parse_dependencies(&parser, line, end);
        line = *end == '\n' ? end + 1 : end;
    }
    toc_complete(toc);
    return toc;
}

static void
entry_free(TocEntry *entry)
{
    free(entry->kind);
    free(entry->label);
    free(entry->dependencies);
}

bool
toc_has_texts(const Toc *toc)
{
    return toc->arena != NULL;
}

static bool
is_privilege(const TocEntry *entry)
{
    return strcmp(entry->kind, "ACL") == 0 || strcmp(entry->kind, "DEFAULT ACL") == 0 ||
           strcmp(entry->kind, "SECURITY LABEL") == 0;
}

void
toc_remove_privileges(Toc *toc)
{
    size_t n = 0;

    for (size_t i = 0; i < toc->n_entries; i++)
    {
        if (is_privilege(&toc->entries[i]))
            entry_free(&toc->entries[i]);
        else
            toc->entries[n++] = toc->entries[i];
    }
    toc->n_entries = n;
    free(toc->by_id);
    free(toc->by_object);
    sort_all(toc);
}

void
toc_free(Toc *toc)
{
    if (toc == NULL)
        return;
    for (size_t i = 0; i < toc->n_entries; i++)
        entry_free(&toc->entries[i]);
    free(toc->entries);
    free(toc->by_id);
    free(toc->by_object);
    arena_free(toc->arena);
    free(toc);
}

static TocEntry *
find_sorted(const Toc *toc, TocEntry **sorted, TocEntry key,
            int (*compare)(const void *, const void *))
{
    const TocEntry *wanted = &key;
    TocEntry **found = NULL;

    if (toc->n_entries > 0)
        found = bsearch(&wanted, sorted, toc->n_entries, sizeof(*sorted), compare);
    return found != NULL ? *found : NULL;
}

TocEntry *
toc_find(const Toc *toc, uint32_t class_oid, uint32_t oid)
{
    if (class_oid == 0)
        return NULL;
    return find_sorted(toc, toc->by_object,
                       (TocEntry){.class_oid = class_oid, .oid = oid}, compare_objects);
}

TocEntry *
toc_find_id(const Toc *toc, int dump_id)
{
    return find_sorted(toc, toc->by_id, (TocEntry){.dump_id = dump_id}, compare_dump_ids);
}

bool
toc_is_kept(const Toc *toc, uint32_t class_oid, uint32_t oid)
{
    const TocEntry *entry = toc_find(toc, class_oid, oid);

    return entry != NULL && entry->is_kept;
}

char *
toc_format_name(const TocEntry *entry)
{
    const char *owner = strrchr(entry->label, ' ');
    size_t length = owner != NULL ? (size_t)(owner - entry->label) : strlen(entry->label);
    char *name = mem_copy_part(entry->label, length);
    char *blank = strchr(name, ' ');
    const char *rest = name;
    char *result;

    if (strncmp(name, "- ", 2) == 0)
        rest = name + 2;
    else if (blank != NULL)
        *blank = '.';
    if (strncmp(rest, entry->kind, strlen(entry->kind)) == 0)
        result = mem_copy_string(rest); /* as in USER MAPPING bob SERVER files */
    else
        result = mem_format("%s %s", entry->kind, rest);
    free(name);
    return result;
}

/* Does the entry depend on a kept one of its own kind? */
static bool
has_parent(const Toc *toc, const TocEntry *entry)
{
    for (size_t i = 0; i < entry->n_dependencies; i++)
    {
        const TocEntry *other = toc_find_id(toc, entry->dependencies[i]);

        if (other != NULL && other->is_kept && strcmp(other->kind, entry->kind) == 0)
            return true;
    }
    return false;
}

static char *
format_list(const Toc *toc, bool is_for_drops)
{
    const size_t line_size = sizeof("-2147483648;\n");
    char *list = mem_alloc(toc->n_entries * line_size + 1);
    char *next = list;

    *next = '\0';
    for (size_t i = 0; i < toc->n_entries; i++)
    {
        const TocEntry *entry = &toc->entries[i];

        if (!entry->is_kept && !(is_for_drops && entry->is_replaced))
            continue;
        if (is_for_drops && strcmp(entry->kind, "CONSTRAINT") == 0 &&
            has_parent(toc, entry))
            continue;
        next += snprintf(next, line_size, "%d;\n", entry->dump_id);
    }
    return list;
}

char *
toc_format_list(const Toc *toc)
{
    return format_list(toc, false);
}

char *
toc_format_drop_list(const Toc *toc)
{
    return format_list(toc, true);
}
