#include "sample/direct/spool.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/tempfile.h"

enum
{
    WRITE_BUFFER = 256 * 1024,
    READ_AHEAD = 256 * 1024
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
    char *window; /* read from the file */
    size_t window_size;
    uint64_t window_start;
    size_t window_length;
    uint64_t last_end; /* where the last row that was read ended */
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
    free(spool->window);
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

const char *
spool_read(Spool *spool, uint64_t offset, size_t length)
{
    uint64_t start;
    size_t size;

    if (offset + length <= spool->used)
        return spool->memory != NULL ? spool->memory + offset : "";
    start = offset - spool->used;
    if (spool->n_unwritten > 0)
        spool_flush(spool);
    if (start >= spool->window_start &&
        start + length <= spool->window_start + spool->window_length)
    {
        spool->last_end = start + length;
        return spool->window + (start - spool->window_start);
    }
    /* rows that come one after the other are read ahead; others one by one */
    size = start == spool->last_end && length < READ_AHEAD ? READ_AHEAD : length;
    spool->last_end = start + length;
    if (size > spool->window_size)
    {
        spool->window = mem_resize(spool->window, size, 1);
        spool->window_size = size;
    }
    if (start + size > spool->file_size)
        size = (size_t)(spool->file_size - start);
    tempfile_read_at(spool->file, spool->window, size, (off_t)start);
    spool->window_start = start;
    spool->window_length = size;
    return spool->window;
}
