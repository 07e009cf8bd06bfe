/*
 * How far "bucket" hides a row among others: rows of a table that are equal in all
 * columns masked by kinds that generalise form a group, and somebody who knows those
 * values of a person knows that the row is one of the group. The size of the smallest is
 * the k of k-anonymity (Sweeney, 2002), for these columns alone.
 *
 * While a table is masked, 8 bytes are kept for each row.
 */
#ifndef SAMPLE_MASKED_MASK_GROUPS_H
#define SAMPLE_MASKED_MASK_GROUPS_H

#include "sample/masked/mask_tuple.h"

typedef struct MaskGroups MaskGroups;

/* The groups of one table. */
typedef struct MaskGrouping
{
    int relation;
    int *columns; /* that generalise */
    int n_columns;
    size_t n_groups;
    size_t n_smallest; /* rows of the smallest */
} MaskGrouping;

MaskGroups *mask_groups_new(const MaskPlan *plan);
/* NULL is accepted. */
void mask_groups_free(MaskGroups *groups);

/* Begins a relation; rows of the one before are counted. */
void mask_groups_begin(MaskGroups *groups, int relation);
/* Adds masked rows, which were split. */
void mask_groups_add(MaskGroups *groups, MaskBatch *batch);
void mask_groups_finish(MaskGroups *groups);

/* Of tables with rows and such columns, as they were masked; *n becomes the number. */
const MaskGrouping *mask_groups_get(const MaskGroups *groups, size_t *n);

#endif
