/*
 * The bytes of the rows of all relations, in direct mode: the first ones in memory, up to
 * a limit, the others in an unnamed temporary file. So a small sample needs no file, and
 * a large one does not fill the memory.
 *
 * Bytes are appended and never change; an offset counts both parts as one. The file is
 * mapped for reading: rows are read in the order of the dump, which jumps between the
 * batches that brought them, so that reading ahead reads most of it in vain (30 GB for a
 * dump of 155 MB).
 */
#ifndef SAMPLE_DIRECT_SPOOL_H
#define SAMPLE_DIRECT_SPOOL_H

#include <stddef.h>
#include <stdint.h>

typedef struct Spool Spool;

Spool *spool_new(size_t memory_limit);
void spool_free(Spool *spool);
/* Returns the offset to read it at. */
uint64_t spool_append(Spool *spool, const char *data, size_t length);
/* Valid until the next call on this spool. */
const char *spool_read(Spool *spool, uint64_t offset, size_t length);

#endif
