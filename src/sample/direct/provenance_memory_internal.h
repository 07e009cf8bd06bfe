/* What the files of provenance_memory.h share. */
#ifndef SAMPLE_DIRECT_PROVENANCE_MEMORY_INTERNAL_H
#define SAMPLE_DIRECT_PROVENANCE_MEMORY_INTERNAL_H

#include "sample/direct/provenance_memory.h"

/*
 * How a row came: PROVENANCE_ROOT, PROVENANCE_PICKED, or twice the number of the foreign
 * key, plus 1 if it came down.
 */
enum
{
    HOW_UNKNOWN = -3
};

#define PROVENANCE_NO_ROW UINT32_MAX

/* A row that refers to another along a way that may lead to several rows. */
typedef struct ReferencePair
{
    uint32_t from;
    uint32_t to;
} ReferencePair;

typedef struct PairList
{
    ReferencePair *pairs; /* sorted */
    size_t n_pairs;
    size_t capacity;
} PairList;

/* Rows of all relations are numbered together, by relation and place. */
struct ProvenanceMemory
{
    Sample *sample;
    const FkGraph *graph;
    const FkOrder *order;
    uint32_t *first; /* by relation: the number of its first row; and the end */
    /*
     * By relation: the places of its rows where some of them were not read, which happens
     * when the sample is not complete. NULL: those of the store, which is sorted.
     */
    RowId **merged;
    uint32_t n_rows;
    int32_t *how;       /* by row */
    uint32_t *distance; /* by row */
    uint32_t *from;     /* by row: what brought it */
    uint32_t **
        referenced; /* by edge: by row of the referencing relation, or PROVENANCE_NO_ROW */
    PairList *pairs;   /* by way (graph.h): of references, and of keys with PERIOD */
    uint32_t *visited; /* rows in the order of their distance */
    uint32_t n_visited;
};

/* The number of a row, or PROVENANCE_NO_ROW. */
uint32_t provenance_memory_rows_find(const ProvenanceMemory *memory, int relation,
                                     RowId id);

/* Adds a pair, unless the second row is none; they are to be sorted behind the last. */
void provenance_memory_pairs_add(PairList *list, uint32_t from, uint32_t to);
void provenance_memory_pairs_sort(PairList *list);

/* Fills memory->pairs of the declared references. */
void provenance_memory_pairs_find(ProvenanceMemory *memory, Session *session);

/* Fills memory->targets, and memory->pairs of foreign keys with PERIOD. */
void provenance_memory_references_find(ProvenanceMemory *memory);

/* The relation of the row with that number. */
int provenance_memory_rows_get_relation(const ProvenanceMemory *memory, uint32_t row);

/* The row with that number. */
ProvenanceRow provenance_memory_rows_get(const ProvenanceMemory *memory, uint32_t row);

#endif
