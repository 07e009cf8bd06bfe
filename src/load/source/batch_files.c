#include "load/source/batch_files.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "load/source/format.h"

const char batch_files_depth_hint[] =
    "The files of a batch are DIR/staging/ID/TABLE/FILE, not higher and not deeper.";
static const char name_hint[] =
    "The names of the files of a batch end in .json, .jsonl, .ndjson, .csv or .copy, "
    "also with .gz or .zst appended.";

/* The name ends at the length. */
static bool
fail_name(const BatchCollector *collector, const char *name, size_t length,
          const char *problem, const char *hint, Diag *diag)
{
    char *part = mem_copy_part(name, length);

    diag_set_message(diag, "%s/%s %s", collector->path, part, problem);
    diag_set_hint(diag, "%s", hint);
    free(part);
    return false;
}

/* By the name; a table's readme.txt is not its data. */
static InputFormat
find_format(const char *name)
{
    size_t stem_length;
    InputFormat format = format_of_name(name, &stem_length);
    const char *extension = name + stem_length;

    if (format == INPUT_DUMP || strncasecmp(extension, ".txt", 4) == 0 ||
        strncasecmp(extension, ".tsv", 4) == 0)
        return INPUT_AUTO;
    return format;
}

/* The files of the last directory are complete. */
static void
keep_fragments(BatchCollector *collector)
{
    BatchDirectory *last;

    if (collector->n_directories == 0)
        return;
    last = &collector->directories[collector->n_directories - 1];
    last->n_fragments = collector->n_fragments;
    last->fragments =
        ARENA_ARRAY(collector->arena, collector->n_fragments, BatchFragment);
    memcpy(last->fragments, collector->fragments,
           collector->n_fragments * sizeof(*last->fragments));
    collector->n_fragments = 0;
}

static bool
is_last_table(const BatchCollector *collector, const char *name, size_t length)
{
    const char *table;

    if (collector->n_directories == 0)
        return false;
    table = collector->directories[collector->n_directories - 1].table;
    return strlen(table) == length && memcmp(table, name, length) == 0;
}

static void
need_directory(BatchCollector *collector, const char *name, size_t length)
{
    char *table;

    if (is_last_table(collector, name, length))
        return;
    keep_fragments(collector);
    table = mem_copy_part(name, length);
    MEM_GROW(collector->directories, collector->directory_capacity,
             collector->n_directories);
    collector->directories[collector->n_directories++] =
        (BatchDirectory){.table = arena_copy_string(collector->arena, table)};
    free(table);
}

static void
add_fragment(BatchCollector *collector, const char *name, const BytesObject *object,
             InputFormat format)
{
    Arena *arena = collector->arena;
    char *path = mem_format("%s/%s", collector->path, name);
    BatchFragment fragment = {.path = arena_copy_string(arena, path),
                              .object = *object,
                              .format = format};

    if (object->etag != NULL)
        fragment.object.etag = arena_copy_string(arena, object->etag);
    MEM_GROW(collector->fragments, collector->fragment_capacity, collector->n_fragments);
    collector->fragments[collector->n_fragments++] = fragment;
    free(path);
}

bool
batch_files_collect(BatchCollector *collector, const char *name,
                    const BytesObject *object, Diag *diag)
{
    size_t n_table = strcspn(name, "/");
    const char *file = name + n_table + 1;
    size_t n_file;
    InputFormat format;

    if (name[0] == '.')
        return true;
    if (n_table == 0 || name[n_table] == '\0')
        return fail_name(collector, name, n_table, "is not the directory of a table",
                         batch_files_depth_hint, diag);
    if (file[0] == '.')
        return true;
    n_file = strcspn(file, "/");
    if (file[n_file] != '\0')
        return fail_name(collector, name, n_table + 1 + n_file,
                         "is a directory in the directory of a table",
                         batch_files_depth_hint, diag);
    format = find_format(file);
    if (format == INPUT_AUTO)
        return fail_name(collector, name, strlen(name), "is not a file of a batch",
                         name_hint, diag);
    need_directory(collector, name, n_table);
    add_fragment(collector, name, object, format);
    return true;
}

/* A listing has "a.b/" before "a/". */
static int
compare_directories(const void *one, const void *other)
{
    return strcmp(((const BatchDirectory *)one)->table,
                  ((const BatchDirectory *)other)->table);
}

void
batch_files_end(BatchCollector *collector, BatchFiles *files)
{
    size_t n = collector->n_directories;

    keep_fragments(collector);
    files->directories = ARENA_ARRAY(collector->arena, n, BatchDirectory);
    files->n_directories = n;
    if (n > 0)
    {
        qsort(collector->directories, n, sizeof(*files->directories),
              compare_directories);
        memcpy(files->directories, collector->directories,
               n * sizeof(*files->directories));
    }
    free(collector->directories);
    free(collector->fragments);
}
