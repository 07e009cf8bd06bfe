/*
 * Memory for arrays that can become large: that of the program up to a limit, which all
 * of them share, and then of an unnamed temporary file that is mapped. Such pages do not
 * fill the memory of the machine: the kernel writes them to the file when it needs the
 * room. So a sample may be larger than memory, and a small one needs no file.
 *
 * The file's blocks are allocated before they are mapped; without room on the disk the
 * program ends with EXIT_OUTPUT.
 */
#ifndef BASE_BIGMEM_H
#define BASE_BIGMEM_H

#include <stddef.h>

/* In bytes. There is no limit before. */
void bigmem_set_limit(size_t limit);

/* Zeros. */
void *bigmem_alloc(size_t size);
/* What is added has any value. old may be NULL. */
void *bigmem_resize(void *old, size_t size);
void bigmem_free(void *memory);

/* mem_grow() of such memory. */
void bigmem_grow(void **items, size_t *capacity, size_t used, size_t size);
#define BIGMEM_GROW(items, capacity, used)                                               \
    bigmem_grow((void **)&(items), &(capacity), (used), sizeof(*(items)))

#endif
