/*
 * The bytes of a file or of standard input, uncompressed: a file that begins like gzip's
 * is read through zlib, with as many members as it has. A compressed file that is cut off
 * or damaged is an error.
 */
#ifndef LOAD_SOURCE_BYTES_H
#define LOAD_SOURCE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/diag.h"

typedef struct Bytes Bytes;

/* "-" is standard input. NULL with diag. The path must outlive it. */
Bytes *bytes_open(const char *path, Diag *diag) __attribute__((warn_unused_result));

/* What to call it in messages. */
const char *bytes_get_name(const Bytes *bytes);

/* Fills the room as far as there are bytes; *n_read is 0 only at the end. */
bool bytes_read(Bytes *bytes, char *to, size_t room, size_t *n_read, Diag *diag)
    __attribute__((warn_unused_result));

/* The first bytes, up to 512, which are read again later. Only before bytes_read(). */
const char *bytes_peek(const Bytes *bytes, size_t *length);

/* How many were read of the file itself. */
uint64_t bytes_count(const Bytes *bytes);

/* From now on no more than so many bytes at a time are read; 0: as many as there are. */
void bytes_set_most(Bytes *bytes, size_t most);

/* NULL is accepted. */
void bytes_close(Bytes *bytes);

#endif
