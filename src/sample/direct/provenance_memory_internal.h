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

/* A row that refers to another by a link that may refer to several rows. */
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

/* Rows of all relations are numbered together, by relation and id. */
struct ProvenanceMemory
{
    Sample *sample;
    const FkGraph *graph;
    const FkOrder *order;
    uint32_t *first; /* by relation: the number of its first row; and the end */
    /*
     * By relation: the ids of its rows if some of them are not fetched, which happens
     * when the sample is not complete. NULL: those of the row store, which is sorted.
     */
    RowId **merged;
    uint32_t n_rows;
    int32_t *how;       /* by row */
    uint32_t *distance; /* by row */
    uint32_t *from;     /* by row: its origin row */
    /* by foreign key: by row of the referencing relation, or PROVENANCE_NO_ROW */
    uint32_t **referenced;
    /* by link (graph.h): of declared references, and of foreign keys with PERIOD */
    PairList *pairs;
    uint32_t *visited; /* rows in the order of their distance */
    uint32_t n_visited;
};

/* The number of a row, or PROVENANCE_NO_ROW. */
uint32_t provenance_memory_rows_find(const ProvenanceMemory *memory, int relation,
                                     RowId id);

/* Adds a pair, unless the second is PROVENANCE_NO_ROW. They are sorted at the end. */
void provenance_memory_pairs_add(PairList *list, uint32_t from, uint32_t to);
void provenance_memory_pairs_sort(PairList *list);

/* Fills memory->pairs of the declared references. */
void provenance_memory_pairs_find(ProvenanceMemory *memory, Session *session);

/* Fills memory->referenced, and memory->pairs of foreign keys with PERIOD. */
void provenance_memory_references_find(ProvenanceMemory *memory);

/* The relation of the row with that number. */
int provenance_memory_rows_get_relation(const ProvenanceMemory *memory, uint32_t row);

/* The row with that number. */
ProvenanceRow provenance_memory_rows_get(const ProvenanceMemory *memory, uint32_t row);

#endif
