#include "load/source/discover_batch.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "load/source/discover.h"
#include "store/store.h"

enum
{
    MAX_ID = 200
};

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

typedef bool (*EntryFunction)(BatchCollector *collector, const char *path,
                              const struct dirent *entry, Diag *diag);

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

/* Of one in the directory of a table. Directories have names that end with a slash. */
static bool
collect_file(BatchCollector *collector, const char *path, const struct dirent *entry,
             Diag *diag)
{
    const BytesObject no_object = {0};
    unsigned char kind = find_entry_kind(path, entry, true, diag);
    char *name;
    bool is_good;

    if (kind == DT_UNKNOWN)
        return false;
    if (kind != DT_REG && kind != DT_DIR)
        return fail_entry(path, "is not a file", "Remove it, or put a file in its place.",
                          diag);
    name =
        mem_format("%s%s", path + strlen(collector->path) + 1, kind == DT_DIR ? "/" : "");
    is_good = batch_files_collect(collector, name, &no_object, diag);
    free(name);
    return is_good;
}

static bool
walk_directory(BatchCollector *collector, const char *path, EntryFunction take,
               Diag *diag)
{
    struct dirent **entries;
    int n = list_entries(path, &entries, diag);
    bool is_good = true;

    if (n < 0)
        return false;
    for (int i = 0; i < n && is_good; i++)
    {
        char *name = join_entry(path, entries[i]->d_name);

        is_good = take(collector, name, entries[i], diag);
        free(name);
    }
    free_entries(entries, n);
    return is_good;
}

/* ---- the tables of a batch */

static bool
collect_directory(BatchCollector *collector, const char *path, const struct dirent *entry,
                  Diag *diag)
{
    const BytesObject no_object = {0};
    unsigned char kind = find_entry_kind(path, entry, false, diag);

    if (kind == DT_UNKNOWN)
        return false;
    if (kind == DT_LNK)
        return fail_entry(path, "is a symbolic link, which is not followed",
                          "The directory of a table must be in that of the batch.", diag);
    if (kind != DT_DIR)
        return batch_files_collect(collector, entry->d_name, &no_object, diag);
    return walk_directory(collector, path, collect_file, diag);
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

/* Its files, if it is there. */
static bool
walk_batch(BatchCollector *collector, const char *root, Diag *diag)
{
    const char *path = collector->path;
    struct stat state;

    if (!check_root(root, diag))
        return false;
    if (lstat(path, &state) != 0)
    {
        if (errno == ENOENT)
            return true;
        diag_set_message(diag, "could not find %s: %s", path, strerror(errno));
        return false;
    }
    if (S_ISLNK(state.st_mode))
        return fail_entry(path, "is a symbolic link, which is not followed",
                          "Name the directory that contains staging/ID with --source.",
                          diag);
    if (!S_ISDIR(state.st_mode))
        return fail_entry(path, "is not the directory of a batch", batch_files_depth_hint,
                          diag);
    return walk_directory(collector, path, collect_directory, diag);
}

/* ---- a batch in an object store */

typedef struct ListContext
{
    BatchCollector *collector;
    size_t n_prefix; /* of keys: what is before the names */
    size_t n_objects;
} ListContext;

static bool
collect_object(void *context, const StoreObject *found, Diag *diag)
{
    ListContext *list = context;
    const BytesObject object = {.etag = found->etag, .size = found->size};

    if (++list->n_objects > DISCOVER_MOST)
    {
        diag_set_message(diag, "%s has more than %d files", list->collector->path,
                         DISCOVER_MOST);
        return false;
    }
    return batch_files_collect(list->collector, found->key + list->n_prefix, &object,
                               diag);
}

static bool
list_batch(BatchCollector *collector, Diag *diag)
{
    const char *rest = collector->path + strlen("s3://");
    ListContext context = {.collector = collector,
                           .n_prefix = strlen(rest + strcspn(rest, "/"))};

    return store_list(collector->path, collect_object, &context, diag);
}

bool
discover_batch(BatchFiles *files, const char *root, const char *id, Arena *arena,
               Diag *diag)
{
    char *staging = join_entry(root, "staging");
    char *path = join_entry(staging, id);
    BatchCollector collector = {.path = arena_copy_string(arena, path), .arena = arena};
    bool is_good = store_is_url(root) ? list_batch(&collector, diag)
                                      : walk_batch(&collector, root, diag);

    *files = (BatchFiles){.path = collector.path};
    batch_files_end(&collector, files);
    free(staging);
    free(path);
    return is_good;
}
