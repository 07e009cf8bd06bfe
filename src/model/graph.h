/*
 * The graph of relations and foreign keys in which a sample is closed.
 *
 * It is built from the catalog once. Three kinds of things in it lead from a referencing
 * to a referenced relation, and have numbers of one series:
 *
 *     0 to n_fks - 1              foreign keys that are followed   graph->fks
 *     n_fks to n_links - 1        declared references              catalog->references
 *     n_links and n_ignored more  foreign keys that are ignored    graph->ignored
 *
 * The first two kinds are the links: the rows that are referenced by them are added to
 * the sample. Only foreign keys are proved afterwards, since nothing guarantees that a
 * declared reference holds, so most code goes through the foreign keys alone.
 *
 * Foreign keys with the same referenced columns and operators share a referenced key, so
 * that a row of the relation is noted once, however many foreign keys refer to it.
 *
 * The strongly connected components of the graph are ordered so that each relation comes
 * after all that refer to it. So one pass over the components closes the sample, except
 * that a cycle, which is always within one component, needs several passes over that
 * component. Without this order each relation could be read again whenever rows of
 * another one are added. The algorithm is Tarjan's (Depth-first search and linear graph
 * algorithms, SIAM J. Comput. 1, 1972); it takes time linear in relations and links. For
 * example
 *
 *     order_items -> orders -> customers -> regions
 *                    orders -> employees -> employees
 *
 * has the components {order_items}, {orders}, {customers}, {regions} and {employees}, of
 * which only the last is cyclic.
 *
 * Pure: no server, no output.
 */
#ifndef MODEL_GRAPH_H
#define MODEL_GRAPH_H

#include "model/catalog.h"

/* Columns by whose values rows of a relation are looked up. */
typedef struct ReferencedKey
{
    int relation;
    CatalogOid partition; /* only rows of this partition count, or 0 */
    int first_leaf;       /* the same as a range of leaves */
    int n_leaves;
    const ForeignKey *foreign_key; /* the first that refers to it: columns, operators and
                                      value types are the same in all of them */
} ReferencedKey;

/* A foreign key as the graph has it. */
typedef struct GraphKey
{
    int number;
    const ForeignKey *foreign_key;
    int referenced_key; /* or -1: the server finds the ids of the referenced rows */
    int first_leaf;     /* of the referencing relation: rows that the key applies to */
    int n_leaves;
    int *set_null; /* of an ignored one: columns that become NULL where the referenced row
                      is missing */
    int n_set_null;
} GraphKey;

/* A foreign key that is followed, or a declared reference. */
typedef struct Link
{
    int number;
    int referencing; /* index of a relation */
    int referenced;
    const GraphKey *fk;         /* or NULL */
    const Reference *reference; /* or NULL */
} Link;

typedef struct IntList
{
    int *items;
    int n_items;
} IntList;

typedef struct Component
{
    IntList relations;
    bool is_cyclic; /* more than one relation, or one that refers to itself */
} Component;

typedef struct FkGraph
{
    const Catalog *catalog;
    bool is_keyed; /* rows are looked up by key for every foreign key */
    GraphKey *fks; /* as catalog->foreign_keys, less those to relations not sampled */
    int n_fks;
    GraphKey *ignored; /* the ignored ones, in the same order */
    int n_ignored;
    Link *links; /* by number */
    int n_links;
    ReferencedKey *referenced_keys;
    int n_referenced_keys;
    IntList *outgoing;     /* by relation: indexes in fks of those from it */
    IntList *incoming;     /* by relation: indexes in fks of those to it */
    IntList *ignored_of;   /* by relation: indexes in ignored of those from it */
    IntList *keys_of;      /* by relation: its referenced keys */
    Component *components; /* referencing before referenced */
    int n_components;
    int *component_of;        /* by relation */
    IntList *references_from; /* by relation: references of the catalog from it */
    IntList *references_to;
} FkGraph;

/* Builds it in the catalog's arena. */
const FkGraph *graph_build(const Catalog *catalog);
/* The same for where the server compares all keys, so that each has a referenced key. */
const FkGraph *graph_build_keyed(const Catalog *catalog);
/* The same for where the server cannot read skipped tables; is_skipped: by relation. */
const FkGraph *graph_build_without(const Catalog *catalog, const bool *is_skipped);

/* The same for the order of loading rows: ignored keys that are kept (by foreign key of
   the catalog) count as followed. */
const FkGraph *graph_build_loading(const Catalog *catalog, const bool *is_kept);

/* One of the relation's ignored foreign keys, by its position in ignored_of. */
const GraphKey *graph_get_ignored(const FkGraph *graph, int relation, int position);

/* Marks in is_included (by relation) all that marked relations refer to, transitively. */
void graph_mark_referenced(const FkGraph *graph, bool *is_included);
/* The same for definitions, for which ignored foreign keys count as well. */
void graph_mark_defined(const FkGraph *graph, bool *is_included);

#endif
