#include "base/mem.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/exitcode.h"

enum
{
    RESERVE = 1024 * 1024
};

/* Given back when nothing else is left, so that what was begun can be cleaned up. */
static void *reserve;
static void (*mem_end_program)(void);

void
mem_reserve(void (*end_program)(void))
{
    mem_end_program = end_program;
    if (reserve == NULL)
        reserve = malloc(RESERVE);
}

/*
 * An exit handler may need more memory than there is, and then comes here again: it is
 * ended there, and exit() goes on with the next one.
 */
void
mem_die(void)
{
    static bool is_dying;

    free(reserve);
    reserve = NULL;
    if (!is_dying && mem_end_program != NULL)
    {
        is_dying = true;
        mem_end_program();
    }
    exit(EXIT_OUTPUT);
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
mem_copy_part(const char *text, size_t length)
{
    char *copy = mem_alloc(length + 1);

    memcpy(copy, text, length);
    copy[length] = '\0';
    return copy;
}

char *
mem_copy_string(const char *text)
{
    return mem_check(strdup(text));
}

char *
mem_copy_or_null(const char *text)
{
    return text != NULL ? mem_copy_string(text) : NULL;
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
mem_grow(void **items, size_t *capacity, size_t size)
{
    *capacity = *capacity > 0 ? *capacity * 2 : 16;
    *items = mem_resize(*items, *capacity, size);
}
