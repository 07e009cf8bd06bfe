/* Configuration files of both programs: a message, or options. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "programs/load/load_options.h"
#include "programs/sample/options.h"
#include "programs/sample/sample_option_table.h"

static bool
read_sample_config(const char *path, Arena *arena, Diag *diag)
{
    size_t n = option_find_count_rows(&option_table);
    bool *is_given = calloc(n, sizeof(bool));
    bool *is_from_file = calloc(n, sizeof(bool));
    Options options = {0};
    bool is_good = config_file_read(path, is_given, is_from_file, &options, arena, diag);

    free(is_given);
    free(is_from_file);
    return is_good;
}

static bool
read_load_config(const char *path, Arena *arena, Diag *diag)
{
    LoadOptions options = {.arena = arena};

    return load_config_read(path, false, &options, diag);
}

int
fuzz_config(const uint8_t *data, size_t size)
{
    const char *path = fuzz_open_file(data + (size > 0), size - (size > 0));
    Arena *arena = arena_new();
    Diag diag = {0};
    bool is_good = size > 0 && (data[0] & 1) != 0
                       ? read_load_config(path, arena, &diag)
                       : read_sample_config(path, arena, &diag);

    fuzz_expect(is_good || diag.message != NULL, "what is refused has a message");
    diag_free(&diag);
    arena_free(arena);
    fuzz_close_file();
    return 0;
}
