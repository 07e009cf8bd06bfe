/*
 * A sample in the making, and then the finished one: the rows of each relation, and what
 * is known of keys.
 */
#ifndef SAMPLE_SAMPLE_H
#define SAMPLE_SAMPLE_H

#include "base/copytext.h"
#include "base/strbuf.h"
#include "model/idset.h"
#include "model/keyset.h"
#include "model/layout.h"
#include "model/plan.h"
#include "sample/direct/rowstore.h"
#include "sample/downset.h"

/* See stage.h. */
typedef struct Staging Staging;
/* See budget.h. */
typedef struct Budget Budget;

typedef struct SampleTable
{
    RowStore *rows;      /* empty when staging: they are on the server */
    size_t n_rows;       /* all of them, wherever they are */
    size_t n_picked;     /* rows that rules took, of limits and roots */
    size_t n_children;   /* rows that came down from roots */
    size_t n_referenced; /* rows that are there because others refer to them */
    uint64_t n_bytes;    /* COPY text of the dump's columns */
    double seconds;      /* spent on reading it */
    int64_t percent_of;  /* a percent rule took its share of so many rows; -1: no such */
    bool is_percent_estimated;
    RowId *pending_ids; /* rows whose places were found and that are not here yet */
    size_t n_pending_ids;
    size_t capacity_pending_ids;
    IdSet *wanted_ids;    /* all whose places were found; NULL: nothing finds places */
    int64_t *last_values; /* by column: the furthest value drawn from its sequence */
    const Sequence **drawn_from; /* by column: its sequence, or NULL */
    bool has_sequence;
    bool *has_value;  /* by column: last_values is set */
    bool is_in_order; /* its rows are, here */
    bool is_noted;    /* its rows were scanned, and what they say in the dump is known */
} SampleTable;

typedef struct SampleKeys
{
    KeySet *keys;
    size_t *pending; /* keys wanted and not asked for yet, by index */
    size_t n_pending;
    size_t capacity;
} SampleKeys;

/* What is known of a declared reference. */
typedef struct SampleReference
{
    size_t n_looked_at;  /* rows that came first and were looked at, in direct mode */
    size_t n_references; /* by rows of the sample */
    size_t n_dangling;   /* that have no row in the source */
    size_t n_skipped;    /* that refer into a table that is lost (see lost.h) */
} SampleReference;

typedef struct Sample
{
    const Plan *plan;
    const FkGraph *graph;
    const RowLayout *layouts;       /* by relation: how its rows look here */
    const RowLayout *fetch_layouts; /* ... and in the statements that fetch them */
    Staging *staging;               /* where the rows are when staging, else NULL */
    Spool *spool;
    DownSet *down;               /* by relation, or NULL: there are no roots */
    IdSet **outside;             /* by relation, see outside.h; or NULL: no filter */
    SampleTable *tables;         /* by relation */
    int picking;                 /* the relation whose rows are being picked, or -1 */
    uint64_t n_rows;             /* of all relations */
    uint64_t n_down;             /* of D, read or not */
    uint64_t n_bytes;            /* COPY text of all rows, as far as it was added up */
    const Budget *budget;        /* or NULL */
    SampleKeys *keys;            /* by referenced key */
    SampleReference *references; /* by declared reference of the catalog */
    IdSet *large_objects;        /* numbers in columns of type oid, or NULL: none exist */
    PQExpBufferData key_buffer;  /* scratch for keys of several columns */
    CopyField *fields;           /* scratch for the fields of a line */
    bool *is_set_null;           /* scratch by column of a relation */
    PQExpBufferData line_buffer; /* scratch for a line that is not as it was read */
} Sample;

Sample *sample_new(const Plan *plan, const FkGraph *graph, const RowLayout *layouts,
                   size_t memory_limit, bool has_large_objects);
void sample_free(Sample *sample);

/*
 * Counts bytes, sequence values and large objects of a row as it will be in the dump,
 * once for each row, also when rows are scanned again.
 */
void sample_note_output(Sample *sample, int relation, const char *line, size_t length);

#endif
