/*
 * What identifies the contents of a table's files in a batch, so that the same batch can
 * be recognized: the name, size and SHA-256 of each file, in order, and with them the
 * options that decide what becomes of the rows. Times and places of files do not count:
 * a copy of the directory is the same batch.
 */
#ifndef LOAD_SOURCE_MANIFEST_H
#define LOAD_SOURCE_MANIFEST_H

#include "load/source/bytes.h"
#include "load/source/discover_batch.h"

enum
{
    MANIFEST_HEX = 65 /* bytes of a SHA-256 in hexadecimal, with the zero */
};

typedef struct Manifest
{
    char content[MANIFEST_HEX]; /* of the files alone */
    char whole[MANIFEST_HEX];   /* of files and options */
    uint64_t n_bytes;           /* of all files */
} Manifest;

/* hashes: of the directory's files, in their order; options: any text. */
void manifest_make(Manifest *manifest, const BatchDirectory *directory,
                   const BytesHash *hashes, const char *options);

/* The same, of files that are read for it. False with diag if one cannot be read. */
bool manifest_read(Manifest *manifest, const BatchDirectory *directory,
                   const char *options, Diag *diag) __attribute__((warn_unused_result));

/* A number of 64 bits that two texts hardly share. */
int64_t manifest_hash_pair(const char *one, const char *other);

#endif
