/*
 * SQL that goes down: from rows to those that refer to them, and from keys to the root
 * rows that have them.
 *
 * With a cap and an index on the referencing columns, in the order of the key, children
 * are read parent by parent (LATERAL ... LIMIT), so that a parent with millions of
 * children costs only as many as are taken. Otherwise all children of a batch of parents
 * are joined at once, however the server finds them, and the first of each parent are
 * taken by row_number(). Both give the same rows.
 *
 * Where a table has to be scanned, this is done once for several foreign keys: the
 * parents of each are an outer join, so that each row of the table comes at most once. A
 * scan with OR, which would be shorter, compares each row with each parent.
 *
 * Pure: no server, no output. Text is appended to a buffer of the caller's.
 */
#ifndef MODEL_QUERY_DOWN_H
#define MODEL_QUERY_DOWN_H

#include "base/copytext.h"
#include "base/strbuf.h"
#include "model/keyset.h"
#include "model/plan.h"
#include "model/rowid.h"

typedef struct QueryDownLink
{
    const Link *link;
    int64_t cap;          /* children of each parent; -1: all */
    const RowId *parents; /* sorted; NULL: all rows of the referenced table */
    size_t n_parents;
} QueryDownLink;

typedef struct QueryDown
{
    const Plan *plan;
    const FkGraph *graph;
    /* of one referencing table; if there are several: foreign keys without PERIOD */
    const QueryDownLink *links;
    int n_links;
    bool is_index_order; /* an index gives a parent's children in the order of the key */
    bool is_parallel;    /* as far as the server's settings allow */
} QueryDown;

/*
 * COPY of "tableoid ctid ... tableoid ctid": the parent by each link, or NULLs, and the
 * child.
 */
void query_down(PQExpBuffer sql, const QueryDown *down);

/* Columns by whose values root rows are found, and how these are compared. */
typedef struct RootColumns
{
    const Relation *relation;
    int *columns;
    char **operators; /* "OPERATOR(schema.=)" */
    int n_columns;
} RootColumns;

/*
 * COPY of "position tableoid ctid" of the rows with these values, which are in the set as
 * COPY writes them, a key each. Positions count from 1.
 */
void query_down_root_keys(PQExpBuffer sql, const RootColumns *root, const KeyBatch *keys,
                          const CopyEncoding *encoding);

/* SELECT of nothing that fails if one of the values is not of its column's type. */
void query_down_root_values(PQExpBuffer sql, const RootColumns *root,
                            const KeyBatch *keys, const CopyEncoding *encoding);

/*
 * COPY of "tableoid ctid" of those of the rows, all in one leaf, that the filter of the
 * relation excludes.
 */
void query_down_outside_filter(PQExpBuffer sql, const Plan *plan, int relation,
                               const RowId *ids, size_t n);

#endif
