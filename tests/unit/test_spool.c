/* Rows in memory and in the file behind it come back as they were, in any order. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "sample/direct/spool.h"
#include "tap.h"

enum
{
    N_ROWS = 5000,
    LONGEST = 70000,
    HUGE_LENGTH = 80 * 1024 * 1024
};

static size_t
get_length(size_t row)
{
    /* some empty ones, most short, and a few longer than any buffer */
    if (row % 17 == 0)
        return 0;
    return row % 499 == 0 ? LONGEST + row * 64 : row * 7919 % 200;
}

static void
fill(char *line, size_t row, size_t length)
{
    for (size_t i = 0; i < length; i++)
        line[i] = (char)(row * 31 + i * 7);
}

static bool
is_row(Spool *spool, uint64_t offset, size_t row, char *expected)
{
    size_t length = get_length(row);

    fill(expected, row, length);
    return memcmp(spool_read(spool, offset, length), expected, length) == 0;
}

static void
check_rows(size_t memory_limit, const char *name)
{
    Spool *spool = spool_new(memory_limit);
    uint64_t *offsets = mem_alloc(N_ROWS * sizeof(*offsets));
    char *line = mem_alloc(LONGEST + (size_t)N_ROWS * 64 + 1);
    size_t n_wrong_at_once = 0;
    size_t n_wrong = 0;

    for (size_t row = 0; row < N_ROWS; row++)
    {
        fill(line, row, get_length(row));
        offsets[row] = spool_append(spool, line, get_length(row));
        if (row % 3 == 0 && !is_row(spool, offsets[row / 2], row / 2, line))
            n_wrong_at_once++;
    }
    for (size_t i = 0; i < N_ROWS; i++)
        n_wrong +=
            is_row(spool, offsets[i * 1013 % N_ROWS], i * 1013 % N_ROWS, line) ? 0 : 1;
    ok(n_wrong_at_once == 0, "%s: rows are read between others that are added", name);
    ok(n_wrong == 0, "%s: all rows, in another order", name);
    free(line);
    free(offsets);
    spool_free(spool);
}

/* The map grows. */
static void
check_growth(void)
{
    Spool *spool = spool_new(0);
    char *line = mem_alloc(HUGE_LENGTH);
    uint64_t first = spool_append(spool, "first", 5);
    uint64_t huge;

    ok(memcmp(spool_read(spool, first, 5), "first", 5) == 0, "a row before a huge one");
    memset(line, 'x', HUGE_LENGTH);
    line[HUGE_LENGTH - 1] = 'y';
    huge = spool_append(spool, line, HUGE_LENGTH);
    ok(spool_read(spool, huge, HUGE_LENGTH)[HUGE_LENGTH - 1] == 'y', "a huge row");
    ok(memcmp(spool_read(spool, first, 5), "first", 5) == 0, "the row before it");
    free(line);
    spool_free(spool);
}

int
main(void)
{
    check_rows(0, "in the file");
    check_rows(100000, "in memory and in the file");
    check_rows(SIZE_MAX, "in memory");
    check_growth();
    return done_testing();
}
