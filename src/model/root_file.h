#ifndef MODEL_ROOT_FILE_H
#define MODEL_ROOT_FILE_H

#include "model/pattern.h"

/* --root-file TABLE=FILE */
typedef struct RootFile
{
    Pattern pattern;
    const char *path; /* "-": standard input */
    const char *text; /* the argument */
} RootFile;

bool root_file_parse(RootFile *file, Arena *arena, const char *argument, Diag *diag)
    __attribute__((warn_unused_result));

#endif
