#include "model/root_file.h"

#include <string.h>

bool
root_file_parse(RootFile *file, Arena *arena, const char *argument, Diag *diag)
{
    const char *equals = strchr(argument, '=');
    char *pattern = arena_copy_string(arena, argument);

    if (equals == NULL)
    {
        diag_set_message(diag, "root file \"%s\": there is no \"TABLE=\" in it", argument);
        return false;
    }
    pattern[equals - argument] = '\0';
    file->path = equals + 1;
    file->text = argument;
    return pattern_parse(&file->pattern, arena, pattern, diag);
}
