/* The sources that the user names, as files to be read. */
#include "programs/load/load_run_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/sqltext.h"
#include "base/strbuf.h"
#include "load/source/discover.h"
#include "load/source/source_name.h"

/* The number of a record has the index of its source, in 63 bits. */
_Static_assert(DISCOVER_MOST == INT64_C(1) << (63 - RECORD_BITS), "sources and records");

/* Appends a name, in double quotes if SQL needs them. */
static void
append_quoted(PQExpBuffer text, const char *name, size_t length)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyz_0123456789";

    if (length > 0 && strspn(name, plain) >= length &&
        strchr("0123456789", *name) == NULL)
    {
        appendBinaryPQExpBuffer(text, name, length);
        return;
    }
    sqltext_append_quoted(text, name, length);
}

const char *
load_sources_quote(Arena *arena, const char *raw)
{
    size_t n_schema = strcspn(raw, ".");
    PQExpBufferData text;
    const char *copy;

    initPQExpBuffer(&text);
    append_quoted(&text, raw, n_schema);
    if (raw[n_schema] == '.')
    {
        appendPQExpBufferChar(&text, '.');
        append_quoted(&text, raw + n_schema + 1, strlen(raw + n_schema + 1));
    }
    copy = arena_copy_string(arena, text.data);
    termPQExpBuffer(&text);
    return copy;
}

/* The name of a table is kept once for the sources that follow each other. */
static const char *
keep_table(const LoadRun *run, const Source *source, const Source *previous, int index)
{
    if (source->table == NULL)
        return NULL;
    if (previous != NULL && previous->table != NULL &&
        previous->is_table_raw == source->is_table_raw &&
        strcmp(previous->table, source->table) == 0)
        return run->batch.sources[index - 1].table;
    return source->is_table_raw ? load_sources_quote(run->arena, source->table)
                                : arena_copy_string(run->arena, source->table);
}

static void
name_source(const LoadRun *run, LoadSource *source, const char *etag)
{
    char *name = source_name_make(source->path);

    source->name = strcmp(name, source->path) == 0 ? source->path
                                                   : arena_copy_string(run->arena, name);
    if (etag != NULL)
        source->object.etag = arena_copy_string(run->arena, etag);
    free(name);
}

static void
keep_sources(LoadRun *run, const SourceList *list)
{
    LoadBatch *batch = &run->batch;

    batch->sources = ARENA_ARRAY(run->arena, list->n_items, LoadSource);
    batch->n_sources = (int)list->n_items;
    for (int i = 0; i < batch->n_sources; i++)
    {
        const Source *source = &list->items[i];
        const char *table = keep_table(run, source, i > 0 ? source - 1 : NULL, i);

        batch->sources[i] =
            (LoadSource){.path = arena_copy_string(run->arena, source->path),
                         .object = {.size = source->size},
                         .table = table,
                         .format = source->format,
                         .is_guess = source->is_table_raw};
        name_source(run, &batch->sources[i], source->etag);
    }
}

/* How each source is read. */
static void
prepare_input(LoadRun *run)
{
    run->batch.input = run->options->input;
    if (!db_encoding_is_ascii_safe(run->batch.db))
        run->batch.input.encoding = db_copy_encoding(run->batch.db);
}

void
load_sources_find(LoadRun *run)
{
    const LoadOptions *options = run->options;
    InputFormat format = options->input.format;
    SourceList list = {0};
    Diag diag = {0};

    for (size_t i = 0; i < options->n_sources; i++)
    {
        const SourceName *name = &options->sources[i];
        bool is_found = name->table != NULL
                            ? discover_file(&list, name->table, name->path, format, &diag)
                            : discover_source(&list, name->path, format, &diag);

        if (!is_found)
            die(EXIT_CONNECTION, &diag);
    }
    prepare_input(run);
    keep_sources(run, &list);
    discover_free(&list);
}

static size_t
count_fragments(const BatchFiles *files)
{
    size_t n = 0;

    for (size_t i = 0; i < files->n_directories; i++)
        n += files->directories[i].n_fragments;
    return n;
}

void
load_sources_take(LoadRun *run, const BatchFiles *files)
{
    LoadBatch *batch = &run->batch;
    size_t n = count_fragments(files);

    if (n > DISCOVER_MOST)
        die_message(EXIT_USAGE, "a batch can have at most %d files, not %zu",
                    DISCOVER_MOST, n);
    prepare_input(run);
    batch->sources = ARENA_ARRAY(run->arena, n, LoadSource);
    for (size_t i = 0; i < files->n_directories; i++)
    {
        const BatchDirectory *directory = &files->directories[i];
        const char *table = load_sources_quote(run->arena, directory->table);

        for (size_t j = 0; j < directory->n_fragments; j++)
            batch->sources[batch->n_sources++] =
                (LoadSource){.path = directory->fragments[j].path,
                             .name = directory->fragments[j].path,
                             .object = directory->fragments[j].object,
                             .table = table,
                             .format = directory->fragments[j].format,
                             .is_guess = true};
    }
}
