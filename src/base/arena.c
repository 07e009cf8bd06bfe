#include "base/arena.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum
{
    ARENA_BLOCK = 64 * 1024
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
