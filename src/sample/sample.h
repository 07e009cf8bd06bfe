/*
 * A sample in the making, and then the finished one: the rows of each relation, and what
 * is known of their keys. The files of this folder make it in this order:
 *
 *     session            one snapshot, locks (session_locks), connections; tables that
 *        |               cannot be read (skipped); the search_path (path_probe)
 *     root, down         R and D, as row ids: root rows and their children (root_keys,
 *        |               root_csv, down_explore, down_children, downset, downpairs,
 *        |               child_index)
 *     closure            for each component of the graph, referencing tables first:
 *        |
 *        |  pick         P: the rows that the limit rules take (random)
 *        |  down_fetch   the rows of D
 *        |  fetch        the rows that others refer to; reference_closure finds those of
 *        |               declared references
 *        |
 *        |    direct/closure                 staging/staging_closure
 *        |    rows in the row store,         rows in staging tables,
 *        |    keys in key sets               keys compared by the server
 *        |
 *     proof              each reference finds its row, or has none in the source either
 *        |               (direct/direct_proof, staging/staging_proof)
 *     outside, null_checks, budget_measure, provenance
 *        |
 *     rowscan            the rows in the order of the dump
 *
 * The sets P, R, D and the sample are defined in the manual page. row_ids, rowline and
 * budget are used by all of these files.
 */
#ifndef SAMPLE_SAMPLE_H
#define SAMPLE_SAMPLE_H

#include "base/copytext.h"
#include "base/strbuf.h"
#include "model/idset.h"
#include "model/keyqueue.h"
#include "model/keyset.h"
#include "model/layout.h"
#include "model/plan.h"
#include "sample/direct/rowstore.h"
#include "sample/downpairs.h"
#include "sample/downset.h"

/* See staging/staging.h. */
typedef struct Staging Staging;
/* See budget.h. */
typedef struct Budget Budget;
/* See masked/masked_rows.h. */
typedef struct MaskedRows MaskedRows;
/* See direct/proof_marks.h. */
typedef struct ProofMarks ProofMarks;

typedef struct SampleTable
{
    RowStore *rows;       /* empty in staging mode: the rows are on the server */
    size_t n_rows;        /* all of them, wherever they are */
    size_t n_picked;      /* picked rows and root rows */
    size_t n_children;    /* other rows of D */
    size_t n_referenced;  /* rows that are there because others refer to them */
    uint64_t n_bytes;     /* COPY text of the dump's columns */
    bool is_picked;       /* n_picked is settled (pick_ahead.h) */
    bool is_picked_alone; /* together with other tables it has failed */
    double seconds;       /* spent on reading it */
    int64_t *pick_counts; /* by pick: rows to take (pick_rule.h); NULL: undecided */
    int64_t percent_of;   /* rows that a percent rule took its share of, or -1 */
    bool is_percent_estimated;
    RowId *pending_ids; /* rows that were found and not fetched yet; base/bigmem.h */
    size_t n_pending_ids;
    size_t capacity_pending_ids;
    IdSet *wanted_ids;    /* all that were found; NULL: no rows are found by id */
    int64_t *last_values; /* by column: the furthest value drawn from its sequence */
    const Sequence **drawn_from; /* by column: its sequence, or NULL */
    bool has_sequence;
    bool *has_value;  /* by column: last_values is set */
    bool is_in_order; /* the row store has them in the order of the dump */
    bool is_noted;    /* its rows were scanned, so that its output is noted */
} SampleTable;

typedef struct SampleKeys
{
    KeySet *keys;
    size_t *pending; /* keys wanted and not asked for yet, by index; base/bigmem.h */
    size_t n_pending;
    size_t capacity;
} SampleKeys;

/* What is known of a declared reference. */
typedef struct SampleReference
{
    size_t n_looked_at;  /* first rows of the row store that were followed */
    size_t n_references; /* by rows of the sample */
    size_t n_dangling;   /* that have no row in the source */
    size_t n_skipped;    /* that refer to a skipped table (skipped.h) */
} SampleReference;

typedef struct Sample
{
    const Plan *plan;
    const FkGraph *graph;
    const RowLayout *layouts;       /* by relation: how its rows look here */
    const RowLayout *fetch_layouts; /* ... and in the statements that fetch them */
    Staging *staging;               /* where the rows are in staging mode, else NULL */
    Spool *spool;
    DownSet *down;               /* by relation, or NULL: there are no roots */
    DownPairs *down_pairs;       /* by link, while D is searched for; or NULL */
    IdSet **outside;             /* by relation, see outside.h; or NULL: no filter */
    SampleTable *tables;         /* by relation */
    int picking;                 /* the relation whose rows are being picked, or -1 */
    size_t n_stored;             /* rows in all row stores */
    ProofMarks *marks;           /* of the proof, on their keys; NULL: none yet */
    uint64_t n_rows;             /* of all relations */
    uint64_t n_down;             /* of D, fetched or not */
    uint64_t n_bytes;            /* COPY text of all rows, as far as it was added up */
    const Budget *budget;        /* or NULL */
    MaskedRows *masked;          /* rows that are masked; or NULL: none are yet */
    SampleKeys *keys;            /* by referenced key */
    SampleReference *references; /* by declared reference of the catalog */
    IdSet *large_objects;        /* numbers in columns of type oid, or NULL: none exist */
    KeyQueue *queue;             /* keys of collected rows, by collect.h */
    PQExpBufferData key_buffer;  /* scratch for keys of several columns */
    CopyField *fields;           /* scratch for the fields of a line */
    bool *is_set_null;           /* scratch by column of a relation */
    PQExpBufferData line_buffer; /* scratch for a line that is not as it was read */
} Sample;

Sample *sample_new(const Plan *plan, const FkGraph *graph, const RowLayout *layouts,
                   size_t memory_limit, bool has_large_objects);
void sample_free(Sample *sample);

/*
 * Forgets what was noted of the relation's rows as they came, since they are not what
 * goes out.
 */
void sample_forget_output(Sample *sample, int relation);

/*
 * Counts bytes, sequence values and large objects of a row as it will be in the dump,
 * once for each row, also when rows are scanned again.
 */
void sample_note_output(Sample *sample, int relation, const char *line, size_t length);

#endif
