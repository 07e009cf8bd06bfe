#include "base/nearest.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/sqltext.h"

/* Three rows of the edit distance table, as wide as the word and one more. */
typedef struct DistanceRows
{
    size_t *before; /* the row before the previous one, for swapped letters */
    size_t *previous;
    size_t *current;
} DistanceRows;

static size_t
min_size(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Computes the row of candidate[i]; word_length + 1 cells. */
static void
fill_row(DistanceRows *rows, const char *word, size_t word_length, const char *candidate,
         size_t i)
{
    char c = sqltext_fold(candidate[i]);

    rows->current[0] = i + 1;
    for (size_t j = 0; j < word_length; j++)
    {
        char w = sqltext_fold(word[j]);
        size_t cost = rows->previous[j] + (c != w);

        cost = min_size(cost, rows->previous[j + 1] + 1);
        cost = min_size(cost, rows->current[j] + 1);
        if (i > 0 && j > 0 && c == sqltext_fold(word[j - 1]) &&
            sqltext_fold(candidate[i - 1]) == w)
            cost = min_size(cost, rows->before[j - 1] + 1);
        rows->current[j + 1] = cost;
    }
}

/* Insertions, deletions, replacements and swaps of neighbours, each at 1. */
static size_t
edit_distance(DistanceRows rows, const char *word, size_t word_length,
              const char *candidate)
{
    for (size_t j = 0; j <= word_length; j++)
        rows.previous[j] = j;
    for (size_t i = 0; candidate[i] != '\0'; i++)
    {
        size_t *free_row = rows.before;

        fill_row(&rows, word, word_length, candidate, i);
        rows.before = rows.previous;
        rows.previous = rows.current;
        rows.current = free_row;
    }
    return rows.previous[word_length];
}

const char *
nearest_find(const char *word, const char *const *candidates, size_t n_candidates)
{
    const size_t word_length = strlen(word);
    const size_t width = word_length + 1;
    size_t *cells = mem_alloc_zero(3 * width, sizeof(size_t));
    DistanceRows rows = {cells, cells + width, cells + 2 * width};
    size_t limit = (word_length + 1) / 3 + 1; /* a distance must be below it */
    const char *best = NULL;

    for (size_t i = 0; i < n_candidates; i++)
    {
        size_t length = candidates[i] != NULL ? strlen(candidates[i]) : 0;
        size_t distance;

        if (candidates[i] == NULL || length + limit <= word_length ||
            word_length + limit <= length)
            continue;
        distance = edit_distance(rows, word, word_length, candidates[i]);
        if (distance < limit)
        {
            limit = distance;
            best = candidates[i];
        }
    }
    free(cells);
    return best;
}
