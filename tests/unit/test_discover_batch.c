#include "load/source/discover_batch.h"

#include <sys/stat.h>

#include "read_input.h"

static Arena *arena;

static void
touch(const char *name)
{
    write_file(name, "", 0);
}

/* The files as text: TABLE: PATH FORMAT, PATH FORMAT; TABLE: ... */
static void
check_batch(const char *root, const char *id, const char *expected)
{
    BatchFiles files;
    Diag diag = {0};
    PQExpBufferData found;

    initPQExpBuffer(&found);
    if (!discover_batch(&files, root, id, arena, &diag))
        appendPQExpBufferStr(&found, diag.message);
    else
    {
        for (size_t i = 0; i < files.n_directories; i++)
        {
            const BatchDirectory *directory = &files.directories[i];

            appendPQExpBuffer(&found, "%s%s:", i > 0 ? "; " : "", directory->table);
            for (size_t j = 0; j < directory->n_fragments; j++)
                appendPQExpBuffer(&found, " %s %d", directory->fragments[j].path,
                                  (int)directory->fragments[j].format);
        }
    }
    is_str(found.data, expected, "batch %s in %s", id, root);
    termPQExpBuffer(&found);
    diag_free(&diag);
}

static void
check_ids(void)
{
    static const char *const bad[] = {"",    ".",   "..",       "a/b",
                                      "a b", "a\n", "\xc3\xbc", "*"};
    static const char *const good[] = {"a", "2026-11-29_x.1", "...", "-a", "A"};
    char id[202];

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        ok(!discover_batch_is_id(bad[i]), "\"%s\" is no id", bad[i]);
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        ok(discover_batch_is_id(good[i]), "\"%s\" is an id", good[i]);
    memset(id, 'x', sizeof(id));
    id[201] = '\0';
    ok(!discover_batch_is_id(id), "201 letters are too many");
    id[200] = '\0';
    ok(discover_batch_is_id(id), "200 are not");
}

static void
check_roots(void)
{
    check_batch("none", "b", "could not find none: No such file or directory");
    touch("file");
    check_batch("file", "b", "file is not a directory");
    check_batch(".", "b", "");
    (void)mkdir("staging", 0700);
    check_batch(".", "b", "");
    touch("staging/b");
    check_batch(".", "b", "./staging/b is not the directory of a batch");
    (void)unlink("staging/b");
    (void)symlink("..", "staging/b");
    check_batch(".", "b", "./staging/b is a symbolic link, which is not followed");
    (void)unlink("staging/b");
    (void)unlink("file");
}

static void
check_files(void)
{
    (void)mkdir("staging/b", 0700);
    check_batch(".", "b", "");
    (void)mkdir("staging/b/z", 0700);
    (void)mkdir("staging/b/S.t", 0700);
    (void)mkdir("staging/b/empty", 0700);
    (void)mkdir("staging/b/.hidden", 0700);
    touch("staging/b/.note");
    touch("staging/b/z/b.csv");
    touch("staging/b/z/a.copy.gz");
    touch("staging/b/z/B.csv.zst");
    touch("staging/b/z/.b.csv.swp");
    touch("staging/b/S.t/1.csv");
    (void)symlink("../z/b.csv", "staging/b/S.t/2.csv");
    check_batch(".", "b",
                "S.t: ./staging/b/S.t/1.csv 1 ./staging/b/S.t/2.csv 1; "
                "z: ./staging/b/z/B.csv.zst 1 ./staging/b/z/a.copy.gz 2 "
                "./staging/b/z/b.csv 1");
}

static void
check_misplaced(void)
{
    static const char *const names[] = {"x.txt",     "x.tsv",     "x.sql",   "x",
                                        "x.csv.bz2", "README.md", "x.tsv.gz"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
    {
        char path[64];
        char expected[128];

        snprintf(path, sizeof(path), "staging/b/z/%s", names[i]);
        snprintf(expected, sizeof(expected), "./%s is not a file of a batch", path);
        touch(path);
        check_batch(".", "b", expected);
        (void)unlink(path);
    }
    touch("staging/b/x.csv");
    check_batch("./", "b", "./staging/b/x.csv is not the directory of a table");
    (void)unlink("staging/b/x.csv");
    (void)symlink("z", "staging/b/link");
    check_batch(".", "b", "./staging/b/link is a symbolic link, which is not followed");
    (void)unlink("staging/b/link");
    (void)mkdir("staging/b/z/deep.csv", 0700);
    check_batch(".", "b",
                "./staging/b/z/deep.csv is a directory in the directory of a table");
    (void)rmdir("staging/b/z/deep.csv");
    (void)symlink("../z", "staging/b/z/link.csv");
    check_batch(".", "b",
                "./staging/b/z/link.csv is a directory in the directory of a table");
    (void)unlink("staging/b/z/link.csv");
    (void)mkfifo("staging/b/z/pipe.csv", 0600);
    check_batch(".", "b", "./staging/b/z/pipe.csv is not a file");
    (void)unlink("staging/b/z/pipe.csv");
    (void)symlink("nowhere", "staging/b/z/gone.csv");
    check_batch(".", "b",
                "could not find ./staging/b/z/gone.csv: No such file or directory");
    (void)unlink("staging/b/z/gone.csv");
}

static void
clean(void)
{
    static const char *const paths[] = {"staging/b/.note",
                                        "staging/b/z/b.csv",
                                        "staging/b/z/a.copy.gz",
                                        "staging/b/z/B.csv.zst",
                                        "staging/b/z/.b.csv.swp",
                                        "staging/b/S.t/1.csv",
                                        "staging/b/S.t/2.csv",
                                        "staging/b/z",
                                        "staging/b/S.t",
                                        "staging/b/empty",
                                        "staging/b/.hidden",
                                        "staging/b",
                                        "staging"};

    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
        is_int(remove(paths[i]), 0, "%s is removed", paths[i]);
}

int
main(void)
{
    char folder[] = "/tmp/test_input_XXXXXX";

    arena = arena_new();
    enter_folder(folder);
    check_ids();
    check_roots();
    check_files();
    check_misplaced();
    clean();
    (void)rmdir(folder);
    arena_free(arena);
    return done_testing();
}
