#include "base/bigsort.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/bigmem.h"

enum
{
    PART_SIZE = 8 * 1024 * 1024 /* bytes that qsort() gets at once */
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

/* What bigsort() compares by. */
typedef struct PlainCompare
{
    int (*compare)(const void *one, const void *other);
} PlainCompare;

static int
compare_plainly(const void *one, const void *other, void *context)
{
    return ((const PlainCompare *)context)->compare(one, other);
}

void
bigsort(void *items, size_t n, size_t size,
        int (*compare)(const void *one, const void *other))
{
    PlainCompare plain = {.compare = compare};

    bigsort_with(items, n, size, compare_plainly, &plain);
}
