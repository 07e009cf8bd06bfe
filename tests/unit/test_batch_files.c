/* The names of a batch's files, as the listing of an object store gives them. */
#include "load/source/batch_files.h"

#include <stdio.h>
#include <string.h>

#include "base/strbuf.h"
#include "tap.h"

static Arena *arena;

static void
append_files(PQExpBuffer text, const BatchFiles *files)
{
    for (size_t i = 0; i < files->n_directories; i++)
    {
        const BatchDirectory *directory = &files->directories[i];

        appendPQExpBuffer(text, "%s%s:", i > 0 ? "; " : "", directory->table);
        for (size_t j = 0; j < directory->n_fragments; j++)
            appendPQExpBuffer(text, " %s %s %d", directory->fragments[j].path,
                              directory->fragments[j].object.etag,
                              (int)directory->fragments[j].object.size);
    }
}

/* Names, each ended by a blank; an object has its length as size. */
static void
check_names(const char *names, const char *expected)
{
    BatchCollector collector = {.path = "s3://b/staging/1", .arena = arena};
    BatchFiles files;
    PQExpBufferData found;
    Diag diag = {0};
    bool is_good = true;

    for (const char *name = names; is_good && *name != '\0';)
    {
        size_t length = strcspn(name, " ");
        char copy[100];
        const BytesObject object = {.etag = "e", .size = length};

        snprintf(copy, sizeof(copy), "%.*s", (int)length, name);
        is_good = batch_files_collect(&collector, copy, &object, &diag);
        name += length + (name[length] != '\0' ? 1 : 0);
    }
    initPQExpBuffer(&found);
    batch_files_end(&collector, &files);
    if (is_good)
        append_files(&found, &files);
    else
        appendPQExpBufferStr(&found, diag.message);
    is_str(found.data, expected, "names \"%s\"", names);
    termPQExpBuffer(&found);
    diag_free(&diag);
}

int
main(void)
{
    arena = arena_new();
    check_names("", "");
    check_names("t/1.csv", "t: s3://b/staging/1/t/1.csv e 7");
    check_names("a.b/1.csv a.b/2.csv a/1.csv a/B.csv a/b.csv",
                "a: s3://b/staging/1/a/1.csv e 7 s3://b/staging/1/a/B.csv e 7 "
                "s3://b/staging/1/a/b.csv e 7; "
                "a.b: s3://b/staging/1/a.b/1.csv e 9 s3://b/staging/1/a.b/2.csv e 9");
    check_names(".a/1.csv t/.1.csv t/./x.csv ../x .x t/../1", "");
    check_names("1.csv", "s3://b/staging/1/1.csv is not the directory of a table");
    check_names("/1.csv", "s3://b/staging/1/ is not the directory of a table");
    check_names("t//1.csv",
                "s3://b/staging/1/t/ is a directory in the directory of a table");
    check_names("t/d/1.csv",
                "s3://b/staging/1/t/d is a directory in the directory of a table");
    check_names("t/d/",
                "s3://b/staging/1/t/d is a directory in the directory of a table");
    check_names("t/", "s3://b/staging/1/t/ is not a file of a batch");
    check_names("t/1.csv t/readme.txt",
                "s3://b/staging/1/t/readme.txt is not a file of a batch");
    arena_free(arena);
    return done_testing();
}
