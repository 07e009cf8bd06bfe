/*
 * Memory that is released in one piece: the model lives in one Arena. Nothing is given
 * back before; what does not fit into the current block of 64 kB begins another.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

typedef struct Arena Arena;

Arena *arena_new(void);
void arena_free(Arena *arena);
/* Releases all that is in it, and keeps its blocks for what comes next. */
void arena_clear(Arena *arena);
/* Zero-filled and aligned for any type. */
void *arena_alloc(Arena *arena, size_t size);
/* Room for n elements of the type, zero-filled as well. */
#define ARENA_ARRAY(arena, n, type) arena_alloc((arena), (size_t)(n) * sizeof(type))
char *arena_copy_string(Arena *arena, const char *text);

#endif
