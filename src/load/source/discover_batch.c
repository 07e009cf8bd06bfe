#include "load/source/discover_batch.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "load/source/format.h"

enum
{
    MAX_ID = 200
};

static const char depth_hint[] =
    "The files of a batch are DIR/staging/ID/TABLE/FILE, not higher and not deeper.";
static const char name_hint[] =
    "The names of the files of a batch end in .json, .jsonl, .ndjson, .csv or .copy, "
    "also with .gz or .zst appended.";

bool
discover_batch_is_id(const char *text)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ._-"
                                  "abcdefghijklmnopqrstuvwxyz0123456789";
    size_t length = strlen(text);

    return length > 0 && length <= MAX_ID && strspn(text, allowed) == length &&
           strcmp(text, ".") != 0 && strcmp(text, "..") != 0;
}

/* ---- entries of directories */

static int
has_visible_name(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/* By bytes, as an object store lists them. */
static int
compare_names(const struct dirent **one, const struct dirent **other)
{
    return strcmp((*one)->d_name, (*other)->d_name);
}

static bool
fail_entry(const char *path, const char *problem, const char *hint, Diag *diag)
{
    diag_set_message(diag, "%s %s", path, problem);
    diag_set_hint(diag, "%s", hint);
    return false;
}

/* DT_REG, DT_DIR, DT_LNK or another one; DT_UNKNOWN with diag. */
static unsigned char
find_entry_kind(const char *path, const struct dirent *entry, bool is_following,
                Diag *diag)
{
    struct stat state;

    if (entry->d_type != DT_UNKNOWN && (entry->d_type != DT_LNK || !is_following))
        return entry->d_type;
    if (is_following ? stat(path, &state) != 0 : lstat(path, &state) != 0)
    {
        diag_set_message(diag, "could not find %s: %s", path, strerror(errno));
        return DT_UNKNOWN;
    }
    return (unsigned char)IFTODT(state.st_mode);
}

static char *
join_entry(const char *directory, const char *name)
{
    size_t length = strlen(directory);
    bool has_slash = length > 0 && directory[length - 1] == '/';

    return mem_format("%s%s%s", directory, has_slash ? "" : "/", name);
}

/* The names in it, ordered; -1 with diag. They are released by free_entries(). */
static int
list_entries(const char *path, struct dirent ***entries, Diag *diag)
{
    int n = scandir(path, entries, has_visible_name, compare_names);

    if (n < 0)
        diag_set_message(diag, "could not read directory %s: %s", path, strerror(errno));
    return n;
}

static void
free_entries(struct dirent **entries, int n)
{
    for (int i = 0; i < n; i++)
        free(entries[i]);
    free(entries);
}

/* ---- the files of a table */

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

static bool
add_fragment(BatchDirectory *directory, const char *path, const struct dirent *entry,
             Arena *arena, Diag *diag)
{
    BatchFragment *fragment = &directory->fragments[directory->n_fragments];
    unsigned char kind = find_entry_kind(path, entry, true, diag);

    if (kind == DT_UNKNOWN)
        return false;
    if (kind == DT_DIR)
        return fail_entry(path, "is a directory in the directory of a table", depth_hint,
                          diag);
    if (kind != DT_REG)
        return fail_entry(path, "is not a file", "Remove it, or put a file in its place.",
                          diag);
    fragment->format = find_format(entry->d_name);
    if (fragment->format == INPUT_AUTO)
        return fail_entry(path, "is not a file of a batch", name_hint, diag);
    fragment->path = arena_copy_string(arena, path);
    directory->n_fragments++;
    return true;
}

static bool
find_fragments(BatchDirectory *directory, const char *path, Arena *arena, Diag *diag)
{
    struct dirent **entries;
    int n = list_entries(path, &entries, diag);
    bool is_good = true;

    if (n < 0)
        return false;
    directory->fragments = ARENA_ARRAY(arena, n, BatchFragment);
    for (int i = 0; i < n && is_good; i++)
    {
        char *name = join_entry(path, entries[i]->d_name);

        is_good = add_fragment(directory, name, entries[i], arena, diag);
        free(name);
    }
    free_entries(entries, n);
    return is_good;
}

/* ---- the tables of a batch */

static bool
add_directory(BatchFiles *files, const char *path, const struct dirent *entry,
              Arena *arena, Diag *diag)
{
    BatchDirectory *directory = &files->directories[files->n_directories];
    unsigned char kind = find_entry_kind(path, entry, false, diag);

    if (kind == DT_UNKNOWN)
        return false;
    if (kind == DT_LNK)
        return fail_entry(path, "is a symbolic link, which is not followed",
                          "The directory of a table must be in that of the batch.", diag);
    if (kind != DT_DIR)
        return fail_entry(path, "is not the directory of a table", depth_hint, diag);
    directory->table = arena_copy_string(arena, entry->d_name);
    if (!find_fragments(directory, path, arena, diag))
        return false;
    files->n_directories += directory->n_fragments > 0 ? 1 : 0;
    return true;
}

static bool
find_directories(BatchFiles *files, Arena *arena, Diag *diag)
{
    struct dirent **entries;
    int n = list_entries(files->path, &entries, diag);
    bool is_good = true;

    if (n < 0)
        return false;
    files->directories = ARENA_ARRAY(arena, n, BatchDirectory);
    for (int i = 0; i < n && is_good; i++)
    {
        char *path = join_entry(files->path, entries[i]->d_name);

        is_good = add_directory(files, path, entries[i], arena, diag);
        free(path);
    }
    free_entries(entries, n);
    return is_good;
}

static bool
check_root(const char *root, Diag *diag)
{
    struct stat state;

    if (stat(root, &state) != 0)
        diag_set_message(diag, "could not find %s: %s", root, strerror(errno));
    else if (!S_ISDIR(state.st_mode))
        diag_set_message(diag, "%s is not a directory", root);
    else
        return true;
    diag_set_hint(diag, "Name the directory that contains staging/ID with --source.");
    return false;
}

bool
discover_batch(BatchFiles *files, const char *root, const char *id, Arena *arena,
               Diag *diag)
{
    char *staging = join_entry(root, "staging");
    char *path = join_entry(staging, id);
    struct stat state;
    bool is_there = lstat(path, &state) == 0;
    int error = errno;

    *files = (BatchFiles){.path = arena_copy_string(arena, path)};
    free(staging);
    free(path);
    if (!check_root(root, diag))
        return false;
    if (!is_there && error == ENOENT)
        return true;
    if (!is_there)
    {
        diag_set_message(diag, "could not find %s: %s", files->path, strerror(error));
        return false;
    }
    if (S_ISLNK(state.st_mode))
        return fail_entry(files->path, "is a symbolic link, which is not followed",
                          "Name the directory that contains staging/ID with --source.",
                          diag);
    if (!S_ISDIR(state.st_mode))
        return fail_entry(files->path, "is not the directory of a batch", depth_hint,
                          diag);
    return find_directories(files, arena, diag);
}
