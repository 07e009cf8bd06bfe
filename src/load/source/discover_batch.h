/*
 * The files of a batch: a directory for each table, in a directory with the batch's id.
 *
 *     DIR/staging/ID/TABLE/FILE.json          or .jsonl, .ndjson, .csv, .copy; also with
 *                                             .gz or .zst appended
 *
 * TABLE is TABLE or SCHEMA.TABLE as in the catalog, without quoting. What begins with a
 * dot is ignored. Anything else that does not fit is an error: a file at another depth
 * would otherwise be left out silently. The order is that of the bytes of the names,
 * which does not depend on locale or file system.
 *
 * Only names are looked at; files are neither opened nor read.
 */
#ifndef LOAD_SOURCE_DISCOVER_BATCH_H
#define LOAD_SOURCE_DISCOVER_BATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/diag.h"
#include "load/source/input.h"

/* A file; there can be very many. */
typedef struct BatchFragment
{
    const char *path;
    InputFormat format;
} BatchFragment;

/* The directory of a table; it has at least one file. */
typedef struct BatchDirectory
{
    const char *table; /* the name of the directory */
    BatchFragment *fragments;
    size_t n_fragments;
} BatchDirectory;

typedef struct BatchFiles
{
    const char *path; /* DIR/staging/ID */
    BatchDirectory *directories;
    size_t n_directories;
} BatchFiles;

/* 1 to 200 letters, digits, dots, hyphens and underscores, and not "." or ".."? */
bool discover_batch_is_id(const char *text);

/*
 * Finds the files of a batch, in the arena; none if it has no directory. False with diag
 * if root is not there, or something does not fit.
 */
bool discover_batch(BatchFiles *files, const char *root, const char *id, Arena *arena,
                    Diag *diag) __attribute__((warn_unused_result));

#endif
