/*
 * Row ids as the server writes them: tableoid and ctid. The tableoid is that of the
 * partition that has the row, which is its leaf.
 */
#ifndef SAMPLE_ROW_IDS_H
#define SAMPLE_ROW_IDS_H

#include "base/strbuf.h"
#include "db/db.h"
#include "model/catalog.h"
#include "model/idset.h"
#include "model/rowid.h"

/* Of both texts. Ends the program when they are not those of a row of the relation. */
RowId row_ids_make(const Relation *relation, const char *tableoid, const char *ctid,
                   size_t ctid_length);

/* Of a line "tableoid ctid". */
RowId row_ids_parse(const Relation *relation, const char *line, size_t length);

/* Of a line "relation tableoid ctid", as recursive queries return them. */
RowId row_ids_parse_found(const Catalog *catalog, const char *line, size_t length,
                          int *relation);

/* Runs a COPY of lines "tableoid ctid"; the caller frees the array by bigmem_free(). */
RowId *row_ids_read(Db *db, const Relation *relation, const char *sql, size_t *n);

/* The same, into a set. */
void row_ids_add(IdSet *set, Db *db, const Relation *relation, const char *sql);

/* Appends "tableoid ctid". */
void row_ids_append(PQExpBuffer line, const Relation *relation, RowId id);

#endif
