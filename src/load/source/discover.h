/*
 * The files that the arguments of the command line name: FILE, TABLE=FILE, DIRECTORY with
 * one file for each table, or "-" for standard input. FILE can be a URL (store/store.h),
 * and DIRECTORY one like s3://BUCKET/PREFIX/.
 *
 * An argument that is the name of an existing file is that file, even with "=" in it. So
 * "a=b.csv" is table a only if there is no file of that name. But what begins like a URL
 * is one, whatever there is. The table of FILE is its name without extensions:
 * "public.item.csv.gz" is for public.item.
 */
#ifndef LOAD_SOURCE_DISCOVER_H
#define LOAD_SOURCE_DISCOVER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/diag.h"
#include "load/source/input.h"

typedef struct Source
{
    char *path;         /* "-": standard input; or a URL */
    char *etag;         /* of an object that was listed, or ""; or NULL */
    uint64_t size;      /* of it */
    char *table;        /* or NULL: a dump, which names its tables, or standard input */
    bool is_table_raw;  /* taken from the name of the file: TABLE or SCHEMA.TABLE without
                          quoting; otherwise it is as it was given */
    InputFormat format; /* as given, or by the name; INPUT_AUTO: by the contents */
} Source;

enum
{
    DISCOVER_MOST =
        1 << 23 /* sources: as many as the number of a record can tell apart */
};

typedef struct SourceList
{
    Source *items;
    size_t n_items;
    size_t capacity;
} SourceList;

/*
 * Adds the files of one argument; those of a directory ordered by name. The format is
 * that of --format, or INPUT_AUTO. False with diag: a file that does not exist, a file in
 * a directory that is not one of a table, standard input for the second time, or more
 * than DISCOVER_MOST files.
 */
bool discover_source(SourceList *sources, const char *text, InputFormat format,
                     Diag *diag) __attribute__((warn_unused_result));

/* The same where table and file are given separately. */
bool discover_file(SourceList *sources, const char *table, const char *path,
                   InputFormat format, Diag *diag) __attribute__((warn_unused_result));

void discover_free(SourceList *sources);

#endif
