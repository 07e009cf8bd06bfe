#include "load/source/discover.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "base/sqltext.h"
#include "load/source/format.h"
#include "load/source/source_name.h"
#include "store/store.h"

static const char extension_hint[] =
    "A directory has one file for each table, named TABLE.csv, TABLE.copy, TABLE.json, "
    "SCHEMA.TABLE.csv and so on, also with .gz or .zst appended.";

static const BytesObject no_object;

static bool
is_stdin(const char *path)
{
    return strcmp(path, "-") == 0;
}

/* ---- one file */

static bool
find_state(const char *path, struct stat *state, Diag *diag)
{
    if (stat(path, state) == 0)
        return true;
    diag_set_message(diag, "could not find %s: %s", path, strerror(errno));
    return false;
}

static bool
check_stdin_once(const SourceList *sources, Diag *diag)
{
    for (size_t i = 0; i < sources->n_items; i++)
    {
        if (!is_stdin(sources->items[i].path))
            continue;
        diag_set_message(diag, "standard input (\"-\") is specified more than once");
        return false;
    }
    return true;
}

/* The name without the extensions that are known, or without the last one. */
static char *
name_table(const char *name, size_t stem_length, bool has_known_extension)
{
    size_t length = stem_length;
    const char *dot = length > 0 ? memrchr(name, '.', length) : NULL;

    if (!has_known_extension && dot != NULL && dot > name)
        length = (size_t)(dot - name);
    return mem_copy_part(name, length);
}

static void
append_source(SourceList *sources, const char *table, const char *path,
              const BytesObject *object, InputFormat format)
{
    char *file = source_name_make_file(path);
    size_t stem_length;
    InputFormat by_name = format_of_name(file, &stem_length);
    Source source = {.path = mem_copy_string(path),
                     .etag = mem_copy_or_null(object->etag),
                     .size = object->size,
                     .table = mem_copy_or_null(table),
                     .format = format != INPUT_AUTO ? format : by_name};

    if (table == NULL && !is_stdin(path) && source.format != INPUT_DUMP)
    {
        source.table = name_table(file, stem_length, by_name != INPUT_AUTO);
        source.is_table_raw = true;
    }
    MEM_GROW(sources->items, sources->capacity, sources->n_items);
    sources->items[sources->n_items++] = source;
    free(file);
}

static bool
add_file(SourceList *sources, const char *table, const char *path,
         const BytesObject *object, InputFormat format, Diag *diag)
{
    if (sources->n_items < DISCOVER_MOST)
    {
        append_source(sources, table, path, object, format);
        return true;
    }
    diag_set_message(diag, "there are more than %d sources", DISCOVER_MOST);
    diag_set_hint(diag, "Put the records of several files into one.");
    return false;
}

/* ---- a URL */

/* That of a dump may end in anything, but then its format has to be given. */
static bool
add_url(SourceList *sources, const char *table, const char *url, InputFormat format,
        Diag *diag)
{
    char *file = source_name_make_file(url);
    bool is_named = *file != '\0' || table != NULL || format == INPUT_DUMP;

    free(file);
    if (!store_check(url, diag))
        return false;
    if (is_named)
        return add_file(sources, table, url, &no_object, format, diag);
    file = store_make_name(url);
    diag_set_message(diag, "the URL %s does not end with the name of a table", file);
    diag_set_hint(diag, "Use TABLE=URL.");
    free(file);
    return false;
}

/* ---- one file */

bool
discover_file(SourceList *sources, const char *table, const char *path,
              InputFormat format, Diag *diag)
{
    struct stat state;

    if (is_stdin(path))
        return check_stdin_once(sources, diag) &&
               add_file(sources, table, path, &no_object, format, diag);
    if (store_is_url(path) && !source_name_is_prefix(path))
        return add_url(sources, table, path, format, diag);
    if (!store_is_url(path) && !find_state(path, &state, diag))
        return false;
    if (!store_is_url(path) && !S_ISDIR(state.st_mode))
        return add_file(sources, table, path, &no_object, format, diag);
    diag_set_message(diag, "%s is a directory, not the file of table %s", path, table);
    return false;
}

/* ---- a directory */

static char *
join_name(const char *directory, const char *name)
{
    size_t length = strlen(directory);
    bool has_slash = length > 0 && directory[length - 1] == '/';

    return mem_format("%s%s%s", directory, has_slash ? "" : "/", name);
}

/* Only the name of a file says what is in it: "" and one with a slash do not. */
static bool
add_named(SourceList *sources, const char *path, const char *name,
          const BytesObject *object, InputFormat format, Diag *diag)
{
    size_t stem_length;
    InputFormat by_name = format_of_name(name, &stem_length);

    if (strchr(name, '/') == NULL && by_name != INPUT_AUTO && by_name != INPUT_DUMP)
        return add_file(sources, NULL, path, object, format, diag);
    diag_set_message(diag, "%s is not a file of a table", path);
    diag_set_hint(diag, "%s", extension_hint);
    return false;
}

static bool
fail_empty(const char *directory, Diag *diag)
{
    diag_set_message(diag, "directory %s contains no files", directory);
    diag_set_hint(diag, "%s", extension_hint);
    return false;
}

static int
is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/* By bytes, whatever the locale. */
static int
compare_entries(const struct dirent **one, const struct dirent **other)
{
    return strcmp((*one)->d_name, (*other)->d_name);
}

/* Files are not asked for one by one if the directory says what they are. */
static bool
ask_directory(const char *path, const struct dirent *entry, bool *is_directory,
              Diag *diag)
{
    struct stat state;

    *is_directory = entry->d_type == DT_DIR;
    if (entry->d_type != DT_UNKNOWN && entry->d_type != DT_LNK)
        return true;
    if (!find_state(path, &state, diag))
        return false;
    *is_directory = S_ISDIR(state.st_mode);
    return true;
}

static bool
add_entry(SourceList *sources, const char *directory, const struct dirent *entry,
          InputFormat format, Diag *diag)
{
    char *path = join_name(directory, entry->d_name);
    bool is_directory;
    bool is_good = ask_directory(path, entry, &is_directory, diag) &&
                   add_named(sources, path, is_directory ? "" : entry->d_name, &no_object,
                             format, diag);

    free(path);
    return is_good;
}

static bool
discover_directory(SourceList *sources, const char *directory, InputFormat format,
                   Diag *diag)
{
    struct dirent **entries;
    int n = scandir(directory, &entries, is_visible, compare_entries);
    bool is_good = true;

    if (n < 0)
    {
        diag_set_message(diag, "could not read directory %s: %s", directory,
                         strerror(errno));
        return false;
    }
    for (int i = 0; i < n; i++)
    {
        is_good = is_good && add_entry(sources, directory, entries[i], format, diag);
        free(entries[i]);
    }
    free(entries);
    return n > 0 ? is_good : fail_empty(directory, diag);
}

/* ---- objects whose keys begin alike, as if they were in a directory */

typedef struct ObjectContext
{
    SourceList *sources;
    const char *url; /* as it was given */
    size_t n_prefix; /* of keys: what is before the names of files */
    InputFormat format;
} ObjectContext;

static bool
add_listed_file(void *context, const StoreObject *found, Diag *diag)
{
    const ObjectContext *objects = context;
    const BytesObject object = {.etag = found->etag, .size = found->size};
    const char *name = found->key + objects->n_prefix;
    char *path;
    bool is_good;

    if (*name == '.')
        return true;
    path = join_name(objects->url, name);
    is_good = add_named(objects->sources, path, name, &object, objects->format, diag);
    free(path);
    return is_good;
}

static bool
discover_prefix(SourceList *sources, const char *url, InputFormat format, Diag *diag)
{
    size_t n_before = sources->n_items;
    const char *key = strchr(url + strlen("s3://"), '/');
    ObjectContext context = {.sources = sources,
                             .url = url,
                             .n_prefix = key != NULL ? strlen(key + 1) : 0,
                             .format = format};
    bool is_good = store_list(url, add_listed_file, &context, diag);

    if (!is_good || sources->n_items > n_before)
        return is_good;
    return fail_empty(url, diag);
}

/* ---- an argument */

/* The first "=" outside of double quotes, if what precedes it can be a table. */
static const char *
find_equals(const char *text)
{
    const char *found = sqltext_find(text, "=/", NULL);

    return found != NULL && *found == '=' ? found : NULL;
}

bool
discover_source(SourceList *sources, const char *text, InputFormat format, Diag *diag)
{
    const char *equals = find_equals(text);
    struct stat state;
    bool is_url = store_is_url(text);
    bool is_there = is_url || is_stdin(text) || stat(text, &state) == 0;
    char *table;
    bool is_good;

    if (source_name_is_prefix(text))
        return discover_prefix(sources, text, format, diag);
    if (!is_url && is_there && !is_stdin(text) && S_ISDIR(state.st_mode))
        return discover_directory(sources, text, format, diag);
    if (is_there || equals == NULL)
        return discover_file(sources, NULL, text, format, diag);
    if (equals == text || equals[1] == '\0')
    {
        diag_set_message(diag, "\"%s\" does not have the form TABLE=FILE", text);
        return false;
    }
    table = mem_copy_part(text, (size_t)(equals - text));
    is_good = discover_file(sources, table, equals + 1, format, diag);
    free(table);
    return is_good;
}

void
discover_free(SourceList *sources)
{
    for (size_t i = 0; i < sources->n_items; i++)
    {
        free(sources->items[i].path);
        free(sources->items[i].etag);
        free(sources->items[i].table);
    }
    free(sources->items);
    *sources = (SourceList){0};
}
