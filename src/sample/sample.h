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
 * Adds a row as it was fetched by its layout, and remembers what it refers to. False when
 * it was there already. Dies when the line does not look as it must.
 */
bool sample_add_row(Sample *sample, int relation, const char *line, size_t length);

/* The row is to be fetched, unless it is there or was asked for in this way before. */
void sample_want_row(Sample *sample, int relation, RowId id);

/* Counts bytes, sequence values and large objects of a row that is not kept here. */
void sample_note_output(Sample *sample, int relation, const char *line, size_t length);

/*
 * The same for a row that is kept here and is now as it will be in the dump, having been
 * of so many bytes.
 */
void sample_note_set_null(Sample *sample, int relation, const char *line, size_t length,
                          size_t old_length);

/*
 * The bytes of a line that go into the dump: behind the prefix of its layout.
 */
const char *sample_skip_prefix(const RowLayout *layout, const char *line, size_t *length);

/* Splits off the leading fields that the layout needs; dies when there are fewer. */
void sample_split_line(const RowLayout *layout, const char *line, size_t length,
                       CopyField *fields);

/* The place that the first fields tell. */
RowId sample_get_row_id(const RowLayout *layout, const CopyField *fields);

typedef enum KeyState
{
    KEY_NOTHING, /* NULLs: it refers to nothing */
    KEY_PARTIAL, /* MATCH FULL with some NULLs: broken */
    KEY_COMPLETE
} KeyState;

/*
 * The key that the row has in the columns, in the form in which key sets hold it: fields
 * joined by tabs. *key is valid until the buffer changes.
 */
KeyState sample_get_key(const RowLayout *layout, const CopyField *fields,
                        const int *columns, int n_columns, bool is_match_full,
                        PQExpBuffer buffer, const char **key, size_t *length);

/*
 * The next of the rows that a locator names (query_parts.h), which is used up: begin with
 * a copy of its field. False: there is none. Dies when it is not what it must be.
 */
bool sample_next_referenced_id(const Relation *referenced, CopyField *referenced_ids,
                               RowId *id);
/* Are the rows that it names all that the key needs, as far as the source has them? */
bool sample_has_all_referenced(const CopyField *referenced_ids);

#endif
