/* Rows of the set D, with what brought them: see down.h. */
#ifndef SAMPLE_DOWNSET_H
#define SAMPLE_DOWNSET_H

#include "model/idset.h"
#include "model/rowid.h"

enum
{
    DOWN_ROOT = -1 /* in place of an edge */
};

/* A row of D, and what brought it first: the shortest way, then by the edge's name. */
typedef struct DownRow
{
    RowId id;
    RowId parent; /* row of the referenced relation of the edge; unused in a root */
    int fk;       /* number of a way (graph.h), or DOWN_ROOT */
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
