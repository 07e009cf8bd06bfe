/*
 * Memory. Allocation never returns NULL: without memory the program ends with a message.
 * The model lives in one Arena (base/arena.h) and is released with it; everything else is
 * released by the function that made it.
 */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stdarg.h>
#include <stddef.h>

void *mem_alloc(size_t size);
void *mem_alloc_zero(size_t count, size_t size);
/* Resizes to count elements of size bytes; dies when the product overflows. */
void *mem_resize(void *old, size_t count, size_t size);
char *mem_copy_string(const char *text);
/* The same; NULL stays NULL. */
char *mem_copy_or_null(const char *text);
/* The first bytes of the text, with a NUL behind them. */
char *mem_copy_part(const char *text, size_t length);
char *mem_format(const char *format, ...) __attribute__((format(printf, 1, 2)));
char *mem_vformat(const char *format, va_list args) __attribute__((format(printf, 1, 0)));

/* Doubles an array that is full: *capacity elements of size bytes at *items. */
void mem_grow(void **items, size_t *capacity, size_t size);
/* Makes room for one more element in a growing array, of which used are taken. */
#define MEM_GROW(items, capacity, used)                                                  \
    ((used) < (capacity) ? (void)0                                                       \
                         : mem_grow((void **)&(items), &(capacity), sizeof(*(items))))

/* Sets some memory aside for end_program(), which is called when there is no more. */
void mem_reserve(void (*end_program)(void));

/* Ends the program: there is no memory. */
_Noreturn void mem_die(void);

#endif
