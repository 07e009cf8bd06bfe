/*
 * The names of edges, and the order that they give: by the table or partition that the
 * reference stands on, then by the constraint, byte by byte. What must not depend on the
 * order of foreign keys in the catalog goes by this one.
 *
 * Pure: no server, no output.
 */
#ifndef MODEL_EDGE_ORDER_H
#define MODEL_EDGE_ORDER_H

#include "model/graph.h"

typedef struct EdgeName
{
    const char *referencing_qname; /* of the table or partition that it stands on */
    const char *qname;             /* of the constraint */
    int referencing;               /* index of a relation */
    int referenced;                /* index of a relation */
} EdgeName;

typedef struct EdgeOrder
{
    EdgeName *names; /* by edge */
    int *ranks;      /* by edge, from 0 */
    int *by_rank;    /* the edges in their order */
    int n_edges;
} EdgeOrder;

/* In the catalog's arena. */
const EdgeOrder *edge_order_build(const FkGraph *graph);

#endif
