/*
 * The graph of foreign keys, made for closing a sample: an edge for each foreign key,
 * from the referencing to the referenced relation; the keys that are looked up, shared by
 * all edges that refer to the same columns; and the strongly connected components in an
 * order in which every relation comes after all that refer to it (R. Tarjan, Depth-first
 * search and linear graph algorithms, SIAM J. Comput. 1, 1972).
 *
 * Declared references are no edges, since nothing is to be proved of them; but they count
 * for the components, and for what can be reached.
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
    const ForeignKey *like; /* columns, operators and value types are this one's */
} ReferencedKey;

typedef struct GraphKey
{
    const ForeignKey *foreign_key;
    int referenced_key; /* or -1: the server finds each row's reference (locator) */
    int first_leaf;     /* of the referencing relation: rows that the key applies to */
    int n_leaves;
} GraphKey;

/* A foreign key that is not followed; rows may lose their values of it in the dump. */
typedef struct IgnoredKey
{
    GraphKey fk;
    int *set_null; /* columns that become NULL where the referenced row is missing */
    int n_set_null;
} IgnoredKey;

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
    bool is_keyed; /* rows are looked up by key along every edge */
    GraphKey *fks; /* as catalog->foreign_keys, less those to relations not sampled */
    int n_fks;
    IgnoredKey *ignored; /* the ignored ones, in the same order */
    int n_ignored;
    ReferencedKey *referenced_keys;
    int n_referenced_keys;
    IntList *outgoing;     /* by relation: edges from it */
    IntList *incoming;     /* by relation: edges to it */
    IntList *ignored_of;   /* by relation: ignored keys from it */
    IntList *keys_of;      /* by relation: its referenced keys */
    Component *components; /* referencing before referenced */
    int n_components;
    int *component_of;        /* by relation */
    IntList *references_from; /* by relation: references of the catalog from it */
    IntList *references_to;
} FkGraph;

/* Builds it in the catalog's arena. */
const FkGraph *graph_build(const Catalog *catalog);
/* The same for where the server compares all keys, so that no edge needs a locator. */
const FkGraph *graph_build_keyed(const Catalog *catalog);
/* The same for where the server cannot look into tables that are lost, by relation. */
const FkGraph *graph_build_without(const Catalog *catalog, const bool *is_skipped);

/* The same for the order of loading rows: ignored keys that are kept are edges. */
const FkGraph *graph_build_loading(const Catalog *catalog, const bool *is_kept);

/*
 * What leads from rows to those that they refer to, and back: an edge or a declared
 * reference. They have numbers: edges first, then the catalog's references.
 */
typedef struct Link
{
    int referencing;
    int referenced;
    const GraphKey *fk;         /* or NULL */
    const Reference *reference; /* or NULL */
} Link;

int graph_count_links(const FkGraph *graph);
Link graph_get_link(const FkGraph *graph, int number);

/* Marks in is_included (by relation) what can be reached upwards from what is marked. */
void graph_mark_referenced(const FkGraph *graph, bool *is_included);
/* The same for definitions, for which ignored keys count as well. */
void graph_mark_defined(const FkGraph *graph, bool *is_included);

#endif
