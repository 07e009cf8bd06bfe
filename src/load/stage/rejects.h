/*
 * Rejects: rows that are not loaded, each with its source, record, column and reason.
 *
 * There can be as many as rows, so they are appended to a temporary file, and only a hash
 * set of their numbers (at most 64 bytes for each record) is in memory: a record that is
 * rejected for two reasons counts once. At the end they are read back twice, for
 * --rejects-file and for the table reject of the loader's schema.
 */
#ifndef LOAD_STAGE_REJECTS_H
#define LOAD_STAGE_REJECTS_H

#include "load/batch.h"

typedef enum RejectKind
{
    REJECT_PARSE,    /* refused by the reader of the source or by COPY */
    REJECT_NULL_KEY, /* NULL in a key column */
    REJECT_CHECK,    /* NOT NULL, CHECK, UNIQUE, outside of the scope */
    REJECT_FK        /* a foreign key */
} RejectKind;

typedef struct Reject
{
    int table;      /* of the batch */
    int64_t record; /* with its source in the upper bits: RECORD_BITS */
    uint64_t line;  /* of the source, where the record begins; 0: not known */
    RejectKind kind;
    const char *column;   /* or NULL */
    const char *sqlstate; /* or NULL */
    const char *reason;
    const char *raw; /* the record as a line of COPY text, or NULL: not known */
} Reject;

typedef struct Rejects Rejects;

Rejects *rejects_new(LoadBatch *batch);

/* Adds it, and counts the record in the counts of the table. */
void rejects_add(Rejects *rejects, const Reject *reject);

/* The number of records, not of reasons. */
int64_t rejects_count(const Rejects *rejects);

/* Are there more than --max-errors or --max-errors-pct allow? */
bool rejects_exceed(const Rejects *rejects);
/* Are there so many that more rows cannot change that? */
bool rejects_are_hopeless(const Rejects *rejects);

/*
 * Prints, for each reason, the number of rejects and the first one, and writes the file
 * of --rejects-file (CSV: source,record,table,column,sqlstate,reason,raw).
 */
void rejects_file_report(const Rejects *rejects);

/*
 * Inserts them into the table reject of the loader's schema, in a transaction of its own
 * on batch->db; not in a dry run, and not without a schema.
 */
void rejects_store(const Rejects *rejects);

/* Writes all rejects of a worker process to a file, and adds them to another list. */
void rejects_write(const Rejects *rejects, int fd);
void rejects_read(Rejects *rejects, int fd);

#endif
