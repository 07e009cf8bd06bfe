/*
 * The names of edges and declared references (the ways of graph.h, by their numbers), and
 * the order that they give: by the table or partition that they stand on, foreign keys
 * before declared references, then by the name of the constraint or the text of the
 * reference, byte by byte. What must not depend on the order of foreign keys in the
 * catalog goes by this one.
 *
 * Pure: no server, no output.
 */
#ifndef MODEL_FK_ORDER_H
#define MODEL_FK_ORDER_H

#include "model/graph.h"

typedef struct FkName
{
    const char *referencing_qname; /* of the table or partition that it stands on */
    const char *name;              /* the constraint's, quoted, or the reference's text */
    bool is_declared;              /* a declared reference */
    int referencing;               /* index of a relation */
    int referenced;                /* index of a relation */
} FkName;

typedef struct FkOrder
{
    FkName *names; /* by number */
    int *ranks;    /* by number, from 0 */
    int *by_rank;  /* the numbers in their order */
    int n_fks;     /* and declared references */
} FkOrder;

/* In the catalog's arena. */
const FkOrder *fk_order_build(const FkGraph *graph);

#endif
