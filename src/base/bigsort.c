#include "base/bigsort.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/bigmem.h"
#include "base/mem.h"

enum
{
    PART_SIZE = 8 * 1024 * 1024 /* bytes that are sorted at once */
};

typedef struct BigSort
{
    size_t size; /* of an item */
    int (*compare)(const void *one, const void *other, void *context);
    void *context;
} BigSort;

/* Merges items from first to middle with those from middle to end. */
static void
merge_parts(const BigSort *sort, const char *from, char *to, size_t first, size_t middle,
            size_t end)
{
    size_t left = first;
    size_t right = middle;

    for (size_t i = first; i < end; i++)
    {
        bool takes_left =
            left < middle && (right == end || sort->compare(from + left * sort->size,
                                                            from + right * sort->size,
                                                            sort->context) <= 0);
        size_t taken = takes_left ? left++ : right++;

        memcpy(to + i * sort->size, from + taken * sort->size, sort->size);
    }
}

static size_t
at_most(size_t n, size_t most)
{
    return n < most ? n : most;
}

/* Parts of so many items are sorted. */
static void
merge_all(const BigSort *sort, char *items, size_t n, size_t n_part)
{
    char *other = bigmem_alloc(n * sort->size);
    char *from = items;
    char *to = other;

    for (; n_part < n; n_part *= 2)
    {
        char *sorted = to;

        for (size_t first = 0; first < n; first += 2 * n_part)
            merge_parts(sort, from, to, first, at_most(first + n_part, n),
                        at_most(first + 2 * n_part, n));
        to = from;
        from = sorted;
    }
    if (from != items)
        memcpy(items, from, n * sort->size);
    bigmem_free(other);
}

void
bigsort_with(void *items, size_t n, size_t size,
             int (*compare)(const void *one, const void *other, void *context),
             void *context)
{
    const BigSort sort = {.size = size, .compare = compare, .context = context};
    size_t n_part = PART_SIZE / size;

    for (size_t first = 0; first < n; first += n_part)
        qsort_r((char *)items + first * size, at_most(n_part, n - first), size, compare,
                context);
    if (n > n_part)
        merge_all(&sort, items, n, n_part);
}

static uint64_t
load_number(const char *item)
{
    uint64_t number;

    memcpy(&number, item, sizeof(number));
    return number;
}

static int
compare_numbers(const void *one, const void *other, void *context)
{
    uint64_t a = load_number(one);
    uint64_t b = load_number(other);

    (void)context;
    return (a > b) - (a < b);
}

/* The bits in which numbers of the items differ; 0 if the items are in order. */
static uint64_t
find_differing_bits(const char *items, size_t n, size_t size)
{
    uint64_t last = n > 0 ? load_number(items) : 0;
    uint64_t differing = 0;
    bool is_sorted = true;

    for (size_t i = 1; i < n; i++)
    {
        uint64_t number = load_number(items + i * size);

        differing |= number ^ last;
        is_sorted = is_sorted && last <= number;
        last = number;
    }
    return is_sorted ? 0 : differing;
}

/* Puts the items in the order of one byte of their numbers, and else as they were. */
static void
distribute(const char *from, char *to, size_t n, size_t size, unsigned shift)
{
    size_t places[256] = {0};
    size_t next = 0;

    for (size_t i = 0; i < n; i++)
        places[load_number(from + i * size) >> shift & 255]++;
    for (size_t i = 0; i < 256; i++)
    {
        size_t n_equal = places[i];

        places[i] = next;
        next += n_equal;
    }
    for (size_t i = 0; i < n; i++)
    {
        const char *item = from + i * size;
        char *place = to + places[load_number(item) >> shift & 255]++ * size;

        for (size_t j = 0; j < size; j += sizeof(uint64_t))
            memcpy(place + j, item + j, sizeof(uint64_t));
    }
}

/* A radix sort, from the lowest byte up; bytes that are the same in all are left out. */
static void
sort_by_number(char *items, size_t n, size_t size)
{
    uint64_t differing = find_differing_bits(items, n, size);
    char *other = differing != 0 ? mem_alloc(n * size) : NULL;
    char *from = items;
    char *to = other;

    for (unsigned shift = 0; shift < 64; shift += 8)
    {
        char *sorted = to;

        if ((differing >> shift & 255) == 0)
            continue;
        distribute(from, to, n, size, shift);
        to = from;
        from = sorted;
    }
    if (from != items)
        memcpy(items, from, n * size);
    free(other);
}

void
bigsort(void *items, size_t n, size_t size)
{
    const BigSort sort = {.size = size, .compare = compare_numbers};
    size_t n_part = PART_SIZE / size;

    for (size_t first = 0; first < n; first += n_part)
        sort_by_number((char *)items + first * size, at_most(n_part, n - first), size);
    if (n > n_part)
        merge_all(&sort, items, n, n_part);
}
