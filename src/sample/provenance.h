/*
 * Provenance: what brought each row into the sample. It depends on the sample only, not
 * on the order in which its rows were found.
 *
 * - A root row is there because it is one, a picked row because it was picked, in that
 *   order. Other rows of D were brought by the parent that downset.h names. The distance
 *   of root rows and picked rows is 0, that of other rows of D is their depth.
 * - Every other row was brought by a row that refers to it: by one of those with the
 *   least distance, and its own distance is one more. Of several of those the first
 *   counts: by the name of the foreign key (fk_order.h), then by row id.
 *
 * So from each row there is a chain back to a root row or picked row: it is a tree of
 * shortest paths. Example: item 9 (child of order 4, distance 1), order 4 (root row),
 * product 3 (item 9 refers to it, distance 2).
 *
 * Provenance could be noted while rows come, but then it would depend on batches and
 * order. So it is a breadth-first search over the complete sample, made only when it is
 * asked for: in direct mode in memory, with 16 bytes for a row and 4 for a reference
 * (direct/provenance_memory.h), in staging mode on the server, in the table "why" of the
 * staging schema (staging/staging_provenance.h).
 */
#ifndef SAMPLE_PROVENANCE_H
#define SAMPLE_PROVENANCE_H

#include "model/fk_order.h"
#include "model/rowid.h"
#include "sample/sample.h"
#include "sample/session.h"

/* ---- provenance_counts.c */

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

/* ---- provenance.c */

typedef struct Provenance Provenance;

/*
 * Finds it for all rows of the sample; if that is not complete, for those that are there
 * and for rows of D that are not fetched yet, whose keys are read on a connection of its
 * own. The source is asked what declared references refer to. In direct mode this sorts
 * the rows by their ids, so that no scan in another order must have begun.
 */
Provenance *provenance_build(Sample *sample, Session *session, bool is_complete);
void provenance_free(Provenance *provenance);

const FkOrder *provenance_get_fk_order(const Provenance *provenance);

/*
 * The chain of a row, freed by provenance_free_chain(); false: the row is not in the
 * sample.
 */
bool provenance_follow(Provenance *provenance, ProvenanceRow row, ProvenanceChain *chain)
    __attribute__((warn_unused_result));
void provenance_free_chain(ProvenanceChain *chain);

/* The row's key as COPY writes it, "(1, a)"; owned by the caller. */
char *provenance_format_key(Provenance *provenance, ProvenanceRow row);

/* Counts; freed by provenance_counts_free(). */
ProvenanceCounts *provenance_count(Provenance *provenance);

/*
 * Counts the rows with these ids in n_outside of the foreign keys that brought them. Rows
 * that none brought, or that are not in the sample, do not count.
 */
void provenance_note_outside(Provenance *provenance, ProvenanceCounts *counts,
                             int relation, const RowId *ids, size_t n);

/* ---- provenance_pairs.c */

typedef struct ProvenancePairs
{
    const Sample *sample;
    Session *session;
    const Reference *reference;
    /* called for each row that a row refers to, whether or not it is in the sample */
    void (*found)(void *context, RowId from, RowId to);
    void *context;
} ProvenancePairs;

/*
 * Finds what the rows with these ids refer to; the ids get sorted. Nothing is found when
 * the sample is not complete and the connection for the user's SQL is in the middle of
 * another query.
 */
void provenance_pairs_find(const ProvenancePairs *pairs, RowId *ids, size_t n);

#endif
