/* Which foreign keys have an index by which the children of a row are found. */
#ifndef SAMPLE_CHILD_INDEX_H
#define SAMPLE_CHILD_INDEX_H

#include "db/db.h"
#include "model/graph.h"

typedef enum ChildIndex
{
    CHILD_INDEX_NONE,
    CHILD_INDEX_ANY,    /* it begins with a column of the foreign key */
    CHILD_INDEX_ORDERED /* ... with all of them, and then those of the table's key */
} ChildIndex;

/* By edge of the graph; owned by the caller. */
ChildIndex *child_index_load(Db *db, const FkGraph *graph);

#endif
