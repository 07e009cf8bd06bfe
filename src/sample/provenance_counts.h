/* What provenance (provenance.h) consists of: rows, chains and counts. */
#ifndef SAMPLE_PROVENANCE_COUNTS_H
#define SAMPLE_PROVENANCE_COUNTS_H

#include "model/fk_order.h"
#include "model/rowid.h"

enum
{
    PROVENANCE_ROOT = -1, /* instead of the number of a link */
    PROVENANCE_PICKED = -2
};

typedef struct ProvenanceRow
{
    int relation;
    RowId id;
} ProvenanceRow;

/* A row, and the link by which the next row of the chain brought it. */
typedef struct ProvenanceStep
{
    ProvenanceRow row;
    int fk; /* number of a link (graph.h), or PROVENANCE_... */
    bool is_down;
} ProvenanceStep;

/* From a row back to a root or a picked row, both included. */
typedef struct ProvenanceChain
{
    ProvenanceStep *steps;
    size_t n_steps;
    size_t capacity;
} ProvenanceChain;

/* What a link brought in one direction. */
typedef struct ProvenanceKey
{
    int fk;
    bool is_down;
    uint64_t n_rows;    /* that it brought */
    uint64_t n_origins; /* origin rows: different rows that it brought them from */
    uint64_t n_outside; /* of n_rows, as far as provenance_note_outside() counts them */
    ProvenanceRow largest; /* the origin row with the most ... */
    char *largest_key;     /* ... as provenance_format_key() writes it ... */
    uint64_t n_largest;    /* ... rows whose chains come to it by this link */
} ProvenanceKey;

/* An origin row: others are there for it, directly or not. */
typedef struct ProvenanceOrigin
{
    ProvenanceRow row;
    char *key;       /* as provenance_format_key() writes it */
    uint64_t n_rows; /* whose chains pass through it, its own included */
} ProvenanceOrigin;

enum
{
    PROVENANCE_MAX_ORIGINS = 5
};

typedef struct ProvenanceCounts
{
    const FkOrder *order; /* the names */
    ProvenanceKey *fks;   /* those that brought rows; the most first, then by name */
    size_t n_fks;
    ProvenanceOrigin origins[PROVENANCE_MAX_ORIGINS]; /* those with the most rows */
    size_t n_origins;
    uint64_t n_rows;   /* of the sample, or known to be in it when it is not complete */
    uint64_t n_roots;  /* of these */
    uint64_t n_picked; /* of these, without roots */
} ProvenanceCounts;

/* What the link brought in that direction; it must have brought rows. */
ProvenanceKey *provenance_counts_find(ProvenanceCounts *counts, int fk, bool is_down);

void provenance_counts_free(ProvenanceCounts *counts);

#endif
