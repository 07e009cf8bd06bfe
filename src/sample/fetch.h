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

/* Reads "tableoid ctid" rows into a new array, owned by the caller. */
RowId *fetch_row_ids(Db *db, const Relation *relation, const char *sql, size_t *n);

/*
 * The rows at the places that a query tells over db, which is not the connection that
 * reads rows; batch by batch. Returns how many were new.
 */
size_t fetch_found(Sample *sample, Session *session, int relation, Db *db,
                   const char *sql);

/* The place in a line "tableoid ctid", or in the texts of the two. */
RowId fetch_parse_row_id(const Relation *relation, const char *line, size_t length);
RowId fetch_make_row_id(const Relation *relation, const char *tableoid, const char *ctid);

/* The place in a line "relation tableoid ctid" of a recursive query. */
RowId fetch_parse_found(const Catalog *catalog, const char *line, size_t length,
                        int *relation);

void fetch_sort_ids(RowId *ids, size_t n);
/* How many of the sorted ids, at most the limit of a statement, lie in one leaf. */
size_t fetch_count_batch(const RowId *ids, size_t n);

#endif
