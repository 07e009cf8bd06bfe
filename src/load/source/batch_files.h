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
 * A collector is given the names below staging/ID one after the other, whether they come
 * from directories or from the listing of an object store, so that both have one rule.
 *
 * Pure: no server, no output.
 */
#ifndef LOAD_SOURCE_BATCH_FILES_H
#define LOAD_SOURCE_BATCH_FILES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/diag.h"
#include "load/source/input.h"

/* A file; there can be very many. */
typedef struct BatchFragment
{
    const char *path;
    BytesObject object; /* where the path is the URL of one that was listed */
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

/* The hint of names that do not fit in. */
extern const char batch_files_depth_hint[];

typedef struct BatchCollector
{
    const char *path; /* DIR/staging/ID */
    Arena *arena;
    BatchDirectory *directories;
    size_t n_directories;
    size_t directory_capacity;
    BatchFragment *fragments; /* of the last directory */
    size_t n_fragments;
    size_t fragment_capacity;
} BatchCollector;

/*
 * Adds TABLE/FILE; those of a table follow each other, in the order of their bytes. The
 * name of a directory ends with a slash. False with diag if the name does not fit.
 */
bool batch_files_collect(BatchCollector *collector, const char *name,
                         const BytesObject *object, Diag *diag)
    __attribute__((warn_unused_result));

/* The files, in the arena; without them if they are of no use any more. */
void batch_files_end(BatchCollector *collector, BatchFiles *files);

#endif
