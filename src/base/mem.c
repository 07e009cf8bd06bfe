#include "base/mem.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/exitcode.h"
#include "base/log.h"

enum
{
    ARENA_BLOCK = 64 * 1024,
    RESERVE = 1024 * 1024
};

typedef struct ArenaBlock
{
    struct ArenaBlock *next;
    size_t used;
    size_t size;
    max_align_t data[];
} ArenaBlock;

struct Arena
{
    ArenaBlock *blocks;
};

/* Given back when nothing else is left, so that what was begun can be cleaned up. */
static void *reserve;

void
mem_reserve(void)
{
    if (reserve == NULL)
        reserve = malloc(RESERVE);
}

/*
 * What the exit does may need more memory than there is, and comes here again: it is left
 * undone then, and the rest is not.
 */
void
mem_die(void)
{
    static bool is_dying;

    free(reserve);
    reserve = NULL;
    if (is_dying)
        exit(EXIT_OUTPUT);
    is_dying = true;
    die(EXIT_OUTPUT, &(Diag){.message = (char[]){"out of memory"}});
}

static void *
mem_check(void *memory)
{
    if (memory == NULL)
        mem_die();
    return memory;
}

void *
mem_alloc(size_t size)
{
    return mem_check(malloc(size > 0 ? size : 1));
}

void *
mem_alloc_zero(size_t count, size_t size)
{
    return mem_check(calloc(count > 0 ? count : 1, size > 0 ? size : 1));
}

void *
mem_resize(void *old, size_t count, size_t size)
{
    if (size > 0 && count > SIZE_MAX / size)
        mem_check(NULL);
    return mem_check(realloc(old, count * size > 0 ? count * size : 1));
}

char *
mem_copy_string(const char *text)
{
    return mem_check(strdup(text));
}

char *
mem_vformat(const char *format, va_list args)
{
    char *text = NULL;

    if (vasprintf(&text, format, args) < 0)
        mem_check(NULL);
    return text;
}

char *
mem_format(const char *format, ...)
{
    va_list args;
    char *text;

    va_start(args, format);
    text = mem_vformat(format, args);
    va_end(args);
    return text;
}

void
mem_grow(void **items, size_t *capacity, size_t used, size_t size)
{
    if (used < *capacity)
        return;
    *capacity = *capacity > 0 ? *capacity * 2 : 16;
    *items = mem_resize(*items, *capacity, size);
}

Arena *
arena_new(void)
{
    return mem_alloc_zero(1, sizeof(Arena));
}

void
arena_free(Arena *arena)
{
    if (arena == NULL)
        return;
    while (arena->blocks != NULL)
    {
        ArenaBlock *block = arena->blocks;

        arena->blocks = block->next;
        free(block);
    }
    free(arena);
}

void *
arena_alloc(Arena *arena, size_t size)
{
    const size_t align = sizeof(max_align_t);
    ArenaBlock *block = arena->blocks;
    void *memory;

    size = (size + align - 1) / align * align;
    if (block == NULL || block->size - block->used < size)
    {
        size_t room = size > ARENA_BLOCK ? size : ARENA_BLOCK;

        block = mem_alloc(sizeof(ArenaBlock) + room);
        *block = (ArenaBlock){.next = arena->blocks, .size = room};
        arena->blocks = block;
    }
    memory = (char *)block->data + block->used;
    block->used += size;
    return memset(memory, 0, size);
}

char *
arena_copy_string(Arena *arena, const char *text)
{
    size_t size = strlen(text) + 1;

    return memcpy(arena_alloc(arena, size), text, size);
}
