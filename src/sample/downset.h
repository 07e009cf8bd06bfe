/*
 * Rows of the set D (down.h), each with what brought it first: the fewest generations,
 * then the first link by name, then the first parent. A row can be found several times;
 * which of these counts is decided when it is settled, and does not change from then on.
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
    RowId id;     /* first, for bigsort() and rowid_compare() */
    RowId parent; /* row of the link's referenced relation; unused in a root */
    int fk;       /* number of a link (graph.h), or DOWN_ROOT */
    int depth;    /* generations below the roots */
} DownRow;

typedef struct DownList
{
    DownRow *rows; /* base/bigmem.h */
    size_t n_rows;
    size_t capacity;
} DownList;

/* The rows of one relation. */
typedef struct DownSet
{
    DownRow *rows; /* settled; sorted by id when the relation is complete; bigmem.h */
    size_t n_rows;
    size_t capacity;
    size_t first_new; /* rows from here on were settled last */
    DownList found;   /* not settled yet, or again */
    IdSet *ids;       /* of all that were found; NULL when it is complete */
    IdSet *settled;   /* of those that are settled, where more can be found then */
    RowId *known;     /* those in ids, in the order in which they were found */
    size_t n_known;
    size_t known_capacity;
    bool can_find_itself; /* its rows can lead to others of it */
    bool lists_known;     /* known is kept */
} DownSet;

/* One for each of n relations. */
DownSet *downset_new(size_t n);
void downset_free(DownSet *sets, size_t n);

/* A row was found. False when it had been found before. */
bool downset_add(DownSet *set, const DownRow *row);

/* The same for a row whose generation is not known yet; it is added again later. */
bool downset_know(DownSet *set, RowId id);

/* The fewest generations of a row that is not settled; -1: there is none. */
int downset_get_depth(const DownSet *set);

/* Settles the rows that were found at this depth, or at any (-1); ranks: of links. */
void downset_settle(DownSet *set, int depth, const int *ranks);

/* Sorts by id; nothing can be added from then on. */
void downset_complete(DownSet *set);

/* The row, which is there; only when it is complete. */
const DownRow *downset_get(const DownSet *set, RowId id);

#endif
