/*
 * Foreign keys in groups, each of which one query over staging tables can be about: they
 * refer to the same columns in the same way, so the server reads the referenced table and
 * hashes it once for all of them, and finds a key once that several refer to.
 *
 * Those from inside of the component of the table that they refer to are in groups of
 * their own, and so is each with PERIOD.
 *
 * Pure: no server, no output.
 */
#ifndef MODEL_KEY_GROUP_H
#define MODEL_KEY_GROUP_H

#include "model/graph.h"

typedef struct KeyGroup
{
    const GraphKey **fks;
    int n;
    bool is_inside; /* of a component */
} KeyGroup;

typedef struct KeyGroups
{
    KeyGroup *items; /* those to the same relation are neighbours */
    int n;
    int *first_to; /* by relation, and the end: the first one to it */
} KeyGroups;

/* All followed foreign keys, at most so many in a group; in the catalog's arena. */
KeyGroups key_group_build(const FkGraph *graph, int most);

#endif
