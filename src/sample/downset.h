/*
 * Rows of the set D (down.h), each with what brought it first: the fewest generations,
 * then the first link by name. They stay in the order of adding, so that the last
 * generation is the end of the list, and are sorted when D is complete.
 */
#ifndef SAMPLE_DOWNSET_H
#define SAMPLE_DOWNSET_H

#include "model/idset.h"
#include "model/rowid.h"

enum
{
    DOWN_ROOT = -1 /* instead of the number of a link */
};

typedef struct DownRow
{
    RowId id;     /* first, for rowid_compare() */
    RowId parent; /* row of the link's referenced relation; unused in a root */
    int fk;       /* number of a link (graph.h), or DOWN_ROOT */
    int depth;    /* generations below the roots */
} DownRow;

/* The rows of one relation. */
typedef struct DownSet
{
    DownRow *rows; /* in the order of adding; at last sorted by id */
    size_t n_rows;
    size_t capacity;
    size_t first_new; /* rows from here on are of the generation that was added last */
    IdSet *ids;
} DownSet;

/* One for each of n relations. */
DownSet *downset_new(size_t n);
void downset_free(DownSet *sets, size_t n);

/* False when the row is there already. */
bool downset_add(DownSet *set, const DownRow *row);

/* Sorts by id; nothing can be added from then on. */
void downset_sort(DownSet *set);

#endif
