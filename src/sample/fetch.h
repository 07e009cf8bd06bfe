/*
 * Fetching rows into the sample by statements of bounded size. fetch_rows() is where the
 * modes differ: in direct mode rows come here, in staging mode the server inserts them.
 */
#ifndef SAMPLE_FETCH_H
#define SAMPLE_FETCH_H

#include "sample/sample.h"
#include "sample/session.h"

enum
{
    /*
     * In one statement. Of 12 million rows (1.8 GB), 5 % with all that they reference
     * took 4.4 s with 50,000 keys in a statement, 3.4 s with 200,000 and 2.8 s with as
     * many as 8 MB hold.
     */
    FETCH_MAX_KEYS = 1000000,
    FETCH_MAX_BYTES = 8 * 1024 * 1024 /* of keys in one statement */
};

/* Runs a COPY of rows by the relation's layout; returns how many were new. */
size_t fetch_rows(Sample *sample, Session *session, int relation, const char *sql);

/*
 * The same in direct mode for n of them in one query string, each of its relation; not
 * where rows are read in chunks.
 */
void fetch_rows_of_many(Sample *sample, Session *session, const int *relations, int n,
                        const char *sql);

/* The rows with these ids, which get sorted; returns how many were new. */
size_t fetch_ids(Sample *sample, Session *session, int relation, RowId *ids, size_t n);

/*
 * The rows whose ids a query on db returns, batch by batch. db must not be the connection
 * that reads rows. Returns how many were new.
 */
size_t fetch_found(Sample *sample, Session *session, int relation, Db *db,
                   const char *sql);

/* How many of the sorted ids, at most FETCH_MAX_KEYS, are in the leaf of the first. */
size_t fetch_count_batch(const RowId *ids, size_t n);

#endif
