/*
 * The bytes of a file, of standard input or of what a URL names (store/store.h),
 * uncompressed. A file that begins with the magic number of gzip or zstd is decompressed
 * (unpack.h); the name is not considered, so standard input may be compressed too. A
 * compressed file that is cut off or damaged is an error, and so is a file that was
 * changed between its opening and its end, or an object that is not the one that was
 * listed: it is not known what was read.
 *
 * The first bytes can be read ahead (bytes_peek()), since the format is found by them.
 */
#ifndef LOAD_SOURCE_BYTES_H
#define LOAD_SOURCE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/diag.h"

typedef struct Bytes Bytes;

/* What the listing of an object store says of an object. */
typedef struct BytesObject
{
    const char *etag; /* or ""; NULL: it was not listed */
    uint64_t size;    /* bytes */
} BytesObject;

/* What identifies the contents of a file: of its own bytes, before decompression. */
typedef struct BytesHash
{
    uint64_t size;
    unsigned char sha256[32];
} BytesHash;

/* "-" is standard input; the ETag must outlive it. NULL with diag. */
Bytes *bytes_open(const char *path, const BytesObject *object, bool is_hashed, Diag *diag)
    __attribute__((warn_unused_result));

/*
 * An object that is opened soon, with the same arguments, is fetched ahead. False: not
 * now, and it can be tried again after the next one was opened. Files are not.
 */
bool bytes_expect(const char *path, const BytesObject *object);

/* The name for messages. */
const char *bytes_get_name(const Bytes *bytes);

/* Reads up to room bytes, fewer only at the end of the file, or before a failure. */
bool bytes_read(Bytes *bytes, char *to, size_t room, size_t *n_read, Diag *diag)
    __attribute__((warn_unused_result));

/* The first bytes, up to 512, without consuming them. Only before bytes_read(). */
const char *bytes_peek(const Bytes *bytes, size_t *length);

/* How many bytes of the file itself were read. */
uint64_t bytes_count(const Bytes *bytes);

/* Reads on to the end of the file, if it is not reached yet. Once, and if is_hashed. */
bool bytes_finish_hash(Bytes *bytes, BytesHash *hash, Diag *diag)
    __attribute__((warn_unused_result));

/* The most bytes that one read returns from now on; 0: no limit. */
void bytes_set_most(Bytes *bytes, size_t most);

/* NULL is accepted. */
void bytes_close(Bytes *bytes);

#endif
