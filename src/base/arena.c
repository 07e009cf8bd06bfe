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
    ArenaBlock *blocks; /* the first is being filled */
    ArenaBlock *spare;  /* of ARENA_BLOCK bytes */
};

Arena *
arena_new(void)
{
    return mem_alloc_zero(1, sizeof(Arena));
}

static void
free_blocks(ArenaBlock *blocks)
{
    while (blocks != NULL)
    {
        ArenaBlock *block = blocks;

        blocks = block->next;
        free(block);
    }
}

void
arena_free(Arena *arena)
{
    if (arena == NULL)
        return;
    free_blocks(arena->blocks);
    free_blocks(arena->spare);
    free(arena);
}

void
arena_clear(Arena *arena)
{
    while (arena->blocks != NULL)
    {
        ArenaBlock *block = arena->blocks;

        arena->blocks = block->next;
        if (block->size == ARENA_BLOCK)
        {
            block->next = arena->spare;
            arena->spare = block;
        }
        else
            free(block);
    }
}

/* With room for so many bytes. */
static ArenaBlock *
take_arena_block(Arena *arena, size_t size)
{
    size_t room = size > ARENA_BLOCK ? size : ARENA_BLOCK;
    ArenaBlock *block = room == ARENA_BLOCK ? arena->spare : NULL;

    if (block != NULL)
        arena->spare = block->next;
    else
        block = mem_alloc(sizeof(ArenaBlock) + room);
    *block = (ArenaBlock){.next = arena->blocks, .size = room};
    arena->blocks = block;
    return block;
}

void *
arena_alloc(Arena *arena, size_t size)
{
    const size_t align = sizeof(max_align_t);
    ArenaBlock *block = arena->blocks;
    void *memory;

    size = (size + align - 1) / align * align;
    if (block == NULL || block->size - block->used < size)
        block = take_arena_block(arena, size);
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
