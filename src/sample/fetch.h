/* Fetching rows into the sample, in statements of bounded size. */
#ifndef SAMPLE_FETCH_H
#define SAMPLE_FETCH_H

#include "sample/sample.h"
#include "sample/session.h"

enum
{
    FETCH_MAX_KEYS = 50000,           /* in one statement */
    FETCH_MAX_BYTES = 8 * 1024 * 1024 /* of keys in one statement */
};

/* Runs a COPY of rows by the relation's layout; returns how many were new. */
size_t fetch_rows(Sample *sample, Session *session, int relation, const char *sql);

/* The rows at these places, which get sorted; returns how many were new. */
size_t fetch_ids(Sample *sample, Session *session, int relation, RowId *ids, size_t n);

/*
 * The rows at the places that a query tells over db, which is not the connection that
 * reads rows; batch by batch. Returns how many were new.
 */
size_t fetch_found(Sample *sample, Session *session, int relation, Db *db,
                   const char *sql);

/* How many of the sorted ids, at most the limit of a statement, lie in one leaf. */
size_t fetch_count_batch(const RowId *ids, size_t n);

#endif
