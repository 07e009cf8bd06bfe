/*
 * Decompresses gzip and zstd piece by piece: what bytes.h reads. A compressed file is one
 * or more members (gzip) or frames (zstd), one after the other; all of them are read.
 *
 * Pure: no server, no output.
 */
#ifndef LOAD_SOURCE_UNPACK_H
#define LOAD_SOURCE_UNPACK_H

#include <stdbool.h>
#include <stddef.h>

typedef struct Unpack Unpack;

/* By the magic number at the start; false: not compressed, as far as is known. */
bool unpack_is_packed(const unsigned char *start, size_t length);

/* The same; NULL: not compressed. */
Unpack *unpack_open(const unsigned char *start, size_t length);

/* The program, not supported, that has compressed a file with that start; or NULL. */
const char *unpack_find_other(const unsigned char *start, size_t length);

typedef struct UnpackPiece
{
    const unsigned char *from;
    size_t n_from; /* bytes there; afterwards: bytes used */
    char *to;
    size_t n_to; /* room; afterwards: bytes written */
} UnpackPiece;

/* Returns what is wrong ("is damaged"), or NULL. */
const char *unpack_run(Unpack *unpack, UnpackPiece *piece);

/* Is the current member or frame not complete? */
bool unpack_is_inside(const Unpack *unpack);

/* The program that decompresses such files. */
const char *unpack_get_program(const Unpack *unpack);

/* NULL is accepted. */
void unpack_close(Unpack *unpack);

#endif
