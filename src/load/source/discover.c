#include "load/source/discover.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "base/sqltext.h"
#include "load/source/format.h"

static const char extension_hint[] =
    "A directory has one file for each table, named TABLE.csv, TABLE.copy, TABLE.json, "
    "SCHEMA.TABLE.csv and so on, also with .gz or .zst appended.";

static bool
is_stdin(const char *path)
{
    return strcmp(path, "-") == 0;
}

static const char *
get_base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash != NULL ? slash + 1 : path;
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
name_table(const char *path, size_t stem_length, bool has_known_extension)
{
    const char *name = get_base_name(path);
    size_t length = stem_length - (size_t)(name - path);
    const char *dot = length > 0 ? memrchr(name, '.', length) : NULL;

    if (!has_known_extension && dot != NULL && dot > name)
        length = (size_t)(dot - name);
    return mem_copy_part(name, length);
}

static bool
add_file(SourceList *sources, const char *table, const char *path, InputFormat format,
         Diag *diag)
{
    size_t stem_length;
    InputFormat by_name = format_of_name(path, &stem_length);
    Source source = {.path = mem_copy_string(path),
                     .format = format != INPUT_AUTO ? format : by_name};

    if (sources->n_items >= DISCOVER_MOST)
    {
        diag_set_message(diag, "there are more than %d sources", DISCOVER_MOST);
        diag_set_hint(diag, "Put the records of several files into one.");
        free(source.path);
        return false;
    }
    if (table != NULL)
        source.table = mem_copy_string(table);
    else if (!is_stdin(path) && source.format != INPUT_DUMP)
    {
        source.table = name_table(path, stem_length, by_name != INPUT_AUTO);
        source.is_table_raw = true;
    }
    MEM_GROW(sources->items, sources->capacity, sources->n_items);
    sources->items[sources->n_items++] = source;
    return true;
}

bool
discover_file(SourceList *sources, const char *table, const char *path,
              InputFormat format, Diag *diag)
{
    struct stat state;

    if (is_stdin(path))
    {
        if (!check_stdin_once(sources, diag))
            return false;
    }
    else if (!find_state(path, &state, diag))
        return false;
    else if (S_ISDIR(state.st_mode))
    {
        diag_set_message(diag, "%s is a directory, not the file of table %s", path,
                         table);
        return false;
    }
    return add_file(sources, table, path, format, diag);
}

/* ---- a directory */

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
    const char *name = entry->d_name;
    size_t length = strlen(directory);
    bool has_slash = length > 0 && directory[length - 1] == '/';
    char *path = mem_format("%s%s%s", directory, has_slash ? "" : "/", name);
    size_t stem_length;
    InputFormat by_name = format_of_name(name, &stem_length);
    bool is_directory;
    bool is_good = ask_directory(path, entry, &is_directory, diag);

    if (is_good && (is_directory || by_name == INPUT_AUTO || by_name == INPUT_DUMP))
    {
        diag_set_message(diag, "%s is not a file of a table", path);
        diag_set_hint(diag, "%s", extension_hint);
        is_good = false;
    }
    is_good = is_good && add_file(sources, NULL, path, format, diag);
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
    if (n > 0)
        return is_good;
    diag_set_message(diag, "directory %s contains no files", directory);
    diag_set_hint(diag, "%s", extension_hint);
    return false;
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
    bool is_there = is_stdin(text) || stat(text, &state) == 0;
    char *table;
    bool is_good;

    if (is_there && !is_stdin(text) && S_ISDIR(state.st_mode))
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
        free(sources->items[i].table);
    }
    free(sources->items);
    *sources = (SourceList){0};
}
