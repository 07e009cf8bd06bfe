/*
 * --root-file TABLE=FILE: roots by the values in a CSV file. base/csvreader.h reads
 * the file.
 *
 * Pure: no server, no output.
 */
#ifndef MODEL_ROOT_FILE_H
#define MODEL_ROOT_FILE_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/csvreader.h"
#include "model/pattern.h"

typedef struct RootFile
{
    Pattern pattern;  /* exact */
    const char *path; /* as given; of no use if is_stdin */
    bool is_stdin;    /* FILE is "-" */
    const char *name; /* of the file, for messages */
    const char *text; /* the argument, blanks around it removed */
} RootFile;

/*
 * Parses one argument, whose first = outside of double quotes ends the table; strings go
 * to the arena. False, with what and where in diag and a hint, when it is malformed.
 */
bool root_file_parse(RootFile *file, Arena *arena, const char *argument, Diag *diag)
    __attribute__((warn_unused_result));

/*
 * Is there a value in each field of the record? False with diag otherwise: no row can be
 * found by a NULL. For the handler of the file's records.
 */
bool root_file_check_record(const RootFile *file, const CsvRecord *record, Diag *diag)
    __attribute__((warn_unused_result));

#endif
