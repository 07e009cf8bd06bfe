/* The sources that the user names, as files to be read. */
#include "programs/load/load_run_internal.h"

#include <string.h>

#include "base/die.h"
#include "base/sqltext.h"
#include "base/strbuf.h"
#include "load/source/discover.h"

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

/* A name as in the catalog, SCHEMA.TABLE or TABLE, as it is written in SQL. */
static const char *
quote_raw_table(Arena *arena, const char *raw)
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

static StageSource
make_source(LoadRun *run, const Source *source)
{
    StageSource result = {.spec = run->options->input};

    result.spec.path = arena_copy_string(run->arena, source->path);
    result.spec.format = source->format;
    if (!db_encoding_is_ascii_safe(run->batch.db))
        result.spec.encoding = db_copy_encoding(run->batch.db);
    result.is_guess = source->is_table_raw;
    if (source->table != NULL)
        result.table = source->is_table_raw
                           ? quote_raw_table(run->arena, source->table)
                           : arena_copy_string(run->arena, source->table);
    return result;
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
    run->sources = ARENA_ARRAY(run->arena, list.n_items, StageSource);
    run->batch.sources = ARENA_ARRAY(run->arena, list.n_items, LoadSource);
    run->batch.n_sources = (int)list.n_items;
    for (size_t i = 0; i < list.n_items; i++)
    {
        run->sources[i] = make_source(run, &list.items[i]);
        run->batch.sources[i] =
            (LoadSource){.name = run->sources[i].spec.path, .table = -1};
    }
    discover_free(&list);
}
