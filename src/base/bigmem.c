#include "base/bigmem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/die.h"
#include "base/mem.h"
#include "base/tempfile.h"

enum
{
    /* Smaller ones stay in memory: a map has whole pages. */
    MIN_IN_FILE = 256 * 1024,
    FILE_UNIT = 64 * 1024 /* a multiple of all page sizes */
};

/* In front of each array. */
typedef struct Header
{
    size_t size;    /* with the header */
    int64_t offset; /* in the file, or IN_MEMORY */
} Header;

#define IN_MEMORY ((int64_t)-1)

static size_t memory_limit = SIZE_MAX;
static size_t memory_used;
static int file = -1;
static int64_t file_size;

void
bigmem_set_limit(size_t limit)
{
    memory_limit = limit;
}

static bool
fits_into_memory(size_t size)
{
    return size < MIN_IN_FILE ||
           (memory_used <= memory_limit && size <= memory_limit - memory_used);
}

static Header *
alloc_in_memory(size_t size)
{
    Header *header = mem_alloc_zero(1, size);

    *header = (Header){.size = size, .offset = IN_MEMORY};
    memory_used += size;
    return header;
}

static Header *
alloc_in_file(size_t size)
{
    int64_t length = (int64_t)((size + FILE_UNIT - 1) / FILE_UNIT * FILE_UNIT);
    Header *header;

    if (file < 0)
        file = tempfile_open();
    errno = posix_fallocate(file, file_size, length);
    if (errno != 0)
        die_errno(EXIT_OUTPUT, "could not write to %s", tempfile_name);
    header = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, file_size);
    if (header == MAP_FAILED)
        die_errno(EXIT_OUTPUT, "could not map %s", tempfile_name);
    *header = (Header){.size = size, .offset = file_size};
    file_size += length;
    return header;
}

void *
bigmem_alloc(size_t size)
{
    if (size > SIZE_MAX / 2)
        mem_die();
    size += sizeof(Header);
    return (fits_into_memory(size) ? alloc_in_memory(size) : alloc_in_file(size)) + 1;
}

static void
free_in_file(Header *header)
{
    int64_t offset = header->offset;
    size_t size = header->size;

    munmap(header, size);
    /* if that is not possible, the file is only larger than it need be */
    (void)fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset,
                    (off_t)size);
}

void
bigmem_free(void *memory)
{
    Header *header = memory != NULL ? (Header *)memory - 1 : NULL;

    if (header == NULL)
        return;
    if (header->offset != IN_MEMORY)
    {
        free_in_file(header);
        return;
    }
    memory_used -= header->size;
    free(header);
}

void *
bigmem_resize(void *old, size_t size)
{
    Header *header = old != NULL ? (Header *)old - 1 : NULL;
    void *resized;

    if (header != NULL && header->offset == IN_MEMORY && size < SIZE_MAX / 2 &&
        fits_into_memory(size + sizeof(Header)))
    {
        memory_used += size + sizeof(Header) - header->size;
        header = mem_resize(header, size + sizeof(Header), 1);
        header->size = size + sizeof(Header);
        return header + 1;
    }
    resized = bigmem_alloc(size);
    if (header != NULL)
        memcpy(resized, old,
               header->size - sizeof(Header) < size ? header->size - sizeof(Header)
                                                    : size);
    bigmem_free(old);
    return resized;
}

void
bigmem_grow(void **items, size_t *capacity, size_t used, size_t size)
{
    if (used < *capacity)
        return;
    *capacity = *capacity > 0 ? *capacity * 2 : 16;
    *items = bigmem_resize(*items, *capacity * size);
}
