/*
 * The children of rows, as the server finds them: by one link, or by several in a single
 * scan of their table. They go into D (downset.h) or, where their generation is not known
 * yet, into pairs of row ids as well (downpairs.h).
 */
#ifndef SAMPLE_DOWN_CHILDREN_H
#define SAMPLE_DOWN_CHILDREN_H

#include "model/fk_order.h"
#include "sample/child_index.h"
#include "sample/sample.h"
#include "sample/session.h"

enum
{
    /* with more outer joins, planning them would take long */
    DOWN_MAX_LINKS_OF_SCAN = 8
};

/* A link that is followed to children. */
typedef struct DownLink
{
    const Link *link;
    bool is_inside;    /* children and parents reach each other */
    bool is_scanned;   /* without an index, the table of the children is read */
    bool is_single;    /* it cannot share the scan */
    bool is_projected; /* all of its pairs have been read */
    int n_scans;
    size_t n_asked; /* of the referenced relation's rows, known or settled */
} DownLink;

typedef struct Down Down;

struct Down
{
    Sample *sample;
    Session *session;
    const FkGraph *graph;
    const FkOrder *order; /* of links: the first to bring a row counts */
    DownLink *links;      /* by the component of the children */
    int *first_links;     /* by component: in links; one more at the end */
    ChildIndex *indexes;  /* by foreign key */
    bool is_limited;      /* by --depth */
    int component;        /* that is being completed */
    int depth;            /* of parents within it, if is_limited */
    /* called when a budget is exceeded, before it ends the program */
    void (*exceeded)(Down *down);
};

typedef struct DownParents
{
    DownLink *of;
    RowId *ids; /* sorted; NULL: all rows of the relation, only for pairs */
    size_t n;
} DownParents;

/*
 * Reads children of these rows, of one table and by at most DOWN_MAX_LINKS_OF_SCAN links.
 * Returns how many were new.
 */
size_t down_children_read(Down *down, const DownParents *parents, int n_links);

/* Adds the child to D; false: it was there. */
bool down_children_add(Down *down, const DownLink *of, RowId parent, RowId child);

#endif
