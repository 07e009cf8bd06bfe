/*
 * All rows of D in a component, when those of the components above are known.
 *
 * Goes in: root rows, and complete relations that the component refers to. Comes out: its
 * rows in the DownSets, each with its generation.
 *
 * Which rows there are, and in which generation each is, are two questions. The first one
 * alone decides how often tables are read, and any order answers it: so children are
 * first read by all links that have an index, until nothing new comes; then a table
 * without one is scanned, once for all its foreign keys and for all rows that are known
 * by then; and so on. What was read is kept as pairs of row ids, over which the
 * generations are counted afterwards, without the server. A chain of rows without an
 * index takes a scan for each of its links even so; after DOWN_SCANS_BEFORE_PROJECTION of
 * them all pairs of the table are read, and rows are looked up there. This costs a few
 * scans, like a temporary index would, but needs no right to make one, and no staging.
 *
 * With --depth the order matters, since a row that is found on a detour may be too deep
 * although it is not; then it goes generation by generation, and each of them takes a
 * scan at most.
 *
 * Example: customers refer to addresses (no index), and these to customers (indexed).
 * From a customer on, addresses are found by the index; one scan of customers finds all
 * who live there; the addresses of these by the index; the next scan looks for residents
 * of the addresses that are new, and finds none.
 */
#ifndef SAMPLE_DOWN_EXPLORE_H
#define SAMPLE_DOWN_EXPLORE_H

#include "sample/down_children.h"

enum
{
    DOWN_SCANS_BEFORE_PROJECTION = 6
};

/* Completes the relations of the component down->component. */
void down_explore(Down *down);

/* Settles what was found of the component so far; for down->exceeded. */
void down_explore_settle(Down *down);

#endif
