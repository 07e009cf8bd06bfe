/*
 * What the user names as sources, as files: FILE, TABLE=FILE, a directory with one file a
 * table, or - for standard input.
 */
#ifndef LOAD_SOURCE_DISCOVER_H
#define LOAD_SOURCE_DISCOVER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/diag.h"
#include "load/source/input.h"

typedef struct Source
{
    char *path;        /* "-": standard input */
    char *table;       /* or NULL: a dump says it itself, and standard input does not */
    bool is_table_raw; /* it comes from the file's name: TABLE or SCHEMA.TABLE, unquoted;
                           otherwise it is as the user wrote it */
    InputFormat
        format; /* what the name or the user says; INPUT_AUTO: the contents will */
} Source;

typedef struct SourceList
{
    Source *items;
    size_t n_items;
    size_t capacity;
} SourceList;

/*
 * Adds the files of one source; those of a directory by name. The format is INPUT_AUTO,
 * or what all sources have. False with diag: what is not there, what a directory holds
 * that is no table's file, standard input for the second time.
 */
bool discover_source(SourceList *sources, const char *text, InputFormat format,
                     Diag *diag) __attribute__((warn_unused_result));

/* The same for the table and the path of TABLE=FILE, which are known apart. */
bool discover_file(SourceList *sources, const char *table, const char *path,
                   InputFormat format, Diag *diag) __attribute__((warn_unused_result));

void discover_free(SourceList *sources);

#endif
