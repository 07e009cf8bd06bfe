/*
 * The bytes of the rows of all relations, in direct mode.
 */
#ifndef SAMPLE_DIRECT_SPOOL_H
#define SAMPLE_DIRECT_SPOOL_H

#include <stddef.h>
#include <stdint.h>

typedef struct Spool Spool;

Spool *spool_new(size_t memory_limit);
void spool_free(Spool *spool);
uint64_t spool_append(Spool *spool, const char *data, size_t length);
/* Valid until the next call on this spool. */
const char *spool_read(Spool *spool, uint64_t offset, size_t length);

#endif
