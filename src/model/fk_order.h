/*
 * The names of links (graph.h), and the order that they give: by the table or partition
 * that they are defined on, foreign keys before declared references, then by the name of
 * the constraint or the text of the reference, byte by byte.
 *
 * The numbers of links follow the catalog, where foreign keys are ordered by oid where
 * their names are equal, and a restored copy of a database has other oids. So where it
 * matters which of several links is first, as for the provenance of a row, this order
 * decides.
 *
 * Pure: no server, no output.
 */
#ifndef MODEL_FK_ORDER_H
#define MODEL_FK_ORDER_H

#include "model/graph.h"

typedef struct FkName
{
    int number;
    const char *referencing_qname; /* of the table or partition that it is defined on */
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
    int n_links;
} FkOrder;

/* In the catalog's arena. */
const FkOrder *fk_order_build(const FkGraph *graph);

#endif
