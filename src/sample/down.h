/*
 * The sets R and D: root rows, and the rows that come down from them, generation by
 * generation.
 */
#ifndef SAMPLE_DOWN_H
#define SAMPLE_DOWN_H

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
    int edge;     /* index into the graph's edges, or DOWN_ROOT */
    int depth;    /* generations below the roots */
} DownRow;

/* The rows of one relation. */
typedef struct DownSet
{
    DownRow *rows; /* sorted by id when they are complete */
    size_t n_rows;
    size_t capacity;
} DownSet;

#endif
