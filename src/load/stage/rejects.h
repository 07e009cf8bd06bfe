/*
 * Rows that are not loaded, each with its source, record, column and reason. They are
 * kept in a temporary file, since there may be many.
 */
#ifndef LOAD_STAGE_REJECTS_H
#define LOAD_STAGE_REJECTS_H

#include "load/batch.h"

typedef enum RejectKind
{
    REJECT_PARSE, /* it cannot be a row of the table: the server's or our reader's word */
    REJECT_NULL_KEY, /* NULL in a key column */
    REJECT_CHECK,    /* NOT NULL, CHECK, UNIQUE, outside of the slice */
    REJECT_FK        /* a foreign key */
} RejectKind;

typedef struct Reject
{
    int table;      /* of the batch */
    int64_t record; /* with its source in the upper bits: RECORD_BITS */
    RejectKind kind;
    const char *column;   /* or NULL */
    const char *sqlstate; /* or NULL */
    const char *reason;
    const char *raw; /* the record as a line of COPY text, or NULL: not known */
} Reject;

typedef struct Rejects Rejects;

Rejects *rejects_new(LoadBatch *batch);

/* Keeps it, and counts it in the table's counts. */
void rejects_add(Rejects *rejects, const Reject *reject);

/* Rows, not reasons: a record that is rejected twice counts once. */
int64_t rejects_count(const Rejects *rejects);

/* Are there more than the settings allow? With percent: of all rows that were read. */
bool rejects_exceed(const Rejects *rejects);
/* So many that reading on is of no use, whatever comes? */
bool rejects_are_hopeless(const Rejects *rejects);

/*
 * Says on standard error, for each reason, how many there are and the first of them, and
 * writes the file of --rejects-file (CSV:
 * source,record,table,column,sqlstate,reason,raw).
 */
void rejects_file_report(const Rejects *rejects);

/*
 * Inserts them into the table "reject" of our schema, in a transaction of its own, on
 * batch->db; not in a dry run, nor where there is no schema.
 */
void rejects_store(const Rejects *rejects);

/* For a process that stages a file on its own: all of them, and back. */
void rejects_write(const Rejects *rejects, int fd);
void rejects_read(Rejects *rejects, int fd);

#endif
