/*
 * Finds the files of a batch (batch_files.h), in directories or in an object store. Only
 * names are looked at; files are neither opened nor read.
 */
#ifndef LOAD_SOURCE_DISCOVER_BATCH_H
#define LOAD_SOURCE_DISCOVER_BATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/diag.h"
#include "load/source/batch_files.h"

/* 1 to 200 letters, digits, dots, hyphens and underscores, and not "." or ".."? */
bool discover_batch_is_id(const char *text);

/*
 * Finds the files of a batch, in the arena; none if it has no directory. The root is a
 * directory or s3://BUCKET/PREFIX. False with diag if it is not there or cannot be
 * listed, or something does not fit.
 */
bool discover_batch(BatchFiles *files, const char *root, const char *id, Arena *arena,
                    Diag *diag) __attribute__((warn_unused_result));

#endif
