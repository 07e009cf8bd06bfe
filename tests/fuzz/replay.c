/*
 * Gives each file of the corpus to its target, so that what a fuzzer once found is never
 * lost. The corpus is at $SRCDIR/tests/fuzz/corpus, a folder for each target.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/tap.h"
#include "base/mem.h"
#include "fuzz.h"

static const struct
{
    const char *name;
    int (*run)(const uint8_t *data, size_t size);
} targets[] = {
    {"answers", fuzz_answers},       {"archive", fuzz_archive}, {"config", fuzz_config},
    {"copytext", fuzz_copytext},     {"csv", fuzz_csv},         {"display", fuzz_display},
    {"input", fuzz_input},           {"json", fuzz_json},       {"kinds", fuzz_kinds},
    {"listing", fuzz_listing},       {"mask", fuzz_mask},       {"names", fuzz_names},
    {"options", fuzz_options},       {"rules", fuzz_rules},     {"script", fuzz_script},
    {"surrogates", fuzz_surrogates}, {"words", fuzz_words},
};

static bool
run_file(const char *path, int (*run)(const uint8_t *, size_t))
{
    FILE *file = fopen(path, "rb");
    PQExpBufferData bytes;
    char chunk[4096];
    size_t n;
    bool is_read;

    if (file == NULL)
        return false;
    initPQExpBuffer(&bytes);
    while ((n = fread(chunk, 1, sizeof(chunk), file)) > 0)
        appendBinaryPQExpBuffer(&bytes, chunk, n);
    is_read = ferror(file) == 0;
    fclose(file);
    if (is_read)
        (void)run((const uint8_t *)bytes.data, bytes.len);
    termPQExpBuffer(&bytes);
    return is_read;
}

static void
run_folder(const char *folder, int (*run)(const uint8_t *, size_t))
{
    const char *name = strrchr(folder, '/') + 1;
    struct dirent **entries = NULL;
    int n = scandir(folder, &entries, NULL, alphasort);
    int n_files = 0;

    for (int i = 0; i < n; i++)
    {
        char *path = mem_format("%s/%s", folder, entries[i]->d_name);

        if (entries[i]->d_name[0] != '.')
        {
            ok(run_file(path, run), "%s: %s", name, entries[i]->d_name);
            n_files++;
        }
        free(path);
        free(entries[i]);
    }
    free(entries);
    ok(n_files > 0, "the corpus of %s has files", name);
}

int
main(void)
{
    const char *source = getenv("SRCDIR") != NULL ? getenv("SRCDIR") : ".";
    for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++)
    {
        char *folder = mem_format("%s/tests/fuzz/corpus/%s", source, targets[i].name);

        run_folder(folder, targets[i].run);
        free(folder);
    }
    return done_testing();
}
