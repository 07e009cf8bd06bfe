#include "sample/direct/spool.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/die.h"
#include "base/mem.h"
#include "base/tempfile.h"

enum
{
    WRITE_BUFFER = 256 * 1024,
    FIRST_MAP = 64 * 1024 * 1024
};

struct Spool
{
    char *memory; /* the first bytes */
    size_t used;
    size_t capacity;
    size_t limit;
    int file; /* the following ones, or -1 */
    uint64_t file_size;
    char *unwritten; /* at the end of the file */
    size_t n_unwritten;
    char *map; /* of the file, and of what follows its end */
    size_t map_size;
};

Spool *
spool_new(size_t memory_limit)
{
    Spool *spool = mem_alloc_zero(1, sizeof(*spool));

    spool->limit = memory_limit;
    spool->file = -1;
    return spool;
}

void
spool_free(Spool *spool)
{
    if (spool == NULL)
        return;
    if (spool->file >= 0)
        close(spool->file);
    free(spool->memory);
    free(spool->unwritten);
    if (spool->map != NULL)
        munmap(spool->map, spool->map_size);
    free(spool);
}

static void
spool_flush(Spool *spool)
{
    tempfile_write_all(spool->file, tempfile_name, spool->unwritten, spool->n_unwritten);
    spool->file_size += spool->n_unwritten;
    spool->n_unwritten = 0;
}

static uint64_t
spool_append_memory(Spool *spool, const char *data, size_t length)
{
    uint64_t offset = spool->used;

    while (spool->capacity - spool->used < length)
    {
        spool->capacity = spool->capacity > 0 ? spool->capacity * 2 : 1024 * 1024;
        if (spool->capacity > spool->limit)
            spool->capacity = spool->limit;
        spool->memory = mem_resize(spool->memory, spool->capacity, 1);
    }
    if (length > 0) /* there may be no memory yet */
        memcpy(spool->memory + spool->used, data, length);
    spool->used += length;
    return offset;
}

/* Offsets in the file follow those in memory. */
static uint64_t
spool_append_file(Spool *spool, const char *data, size_t length)
{
    uint64_t offset;

    if (spool->file < 0)
    {
        spool->file = tempfile_open();
        spool->unwritten = mem_alloc(WRITE_BUFFER);
        spool->limit = spool->used;
    }
    offset = spool->used + spool->file_size + spool->n_unwritten;
    if (spool->n_unwritten + length > WRITE_BUFFER)
        spool_flush(spool);
    if (length > WRITE_BUFFER)
    {
        tempfile_write_all(spool->file, tempfile_name, data, length);
        spool->file_size += length;
        return offset;
    }
    memcpy(spool->unwritten + spool->n_unwritten, data, length);
    spool->n_unwritten += length;
    return offset;
}

uint64_t
spool_append(Spool *spool, const char *data, size_t length)
{
    if (spool->file < 0 && length <= spool->limit - spool->used)
        return spool_append_memory(spool, data, length);
    return spool_append_file(spool, data, length);
}

/*
 * Maps at least so many bytes of the file. A map can be longer than the file, so that it
 * need not be made again for each row that is appended.
 */
static void
map_file(Spool *spool, uint64_t size)
{
    size_t map_size = spool->map_size > 0 ? spool->map_size : FIRST_MAP;
    void *map;

    while (map_size < size)
        map_size *= 2;
    if (spool->map != NULL)
        map = mremap(spool->map, spool->map_size, map_size, MREMAP_MAYMOVE);
    else
        map = mmap(NULL, map_size, PROT_READ, MAP_SHARED, spool->file, 0);
    if (map == MAP_FAILED)
        die_errno(EXIT_OUTPUT, "could not map %s", tempfile_name);
    spool->map = map;
    spool->map_size = map_size;
}

const char *
spool_read(Spool *spool, uint64_t offset, size_t length)
{
    uint64_t start;

    if (offset + length <= spool->used)
        return spool->memory != NULL ? spool->memory + offset : "";
    start = offset - spool->used;
    if (start >= spool->file_size)
        return spool->unwritten + (start - spool->file_size);
    if (spool->map == NULL || start + length > spool->map_size)
        map_file(spool, start + length);
    return spool->map + start;
}
