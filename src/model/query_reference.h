/*
 * SQL that follows declared references, whose expressions the user wrote. The referencing
 * table is in a FROM of its own, so that the expressions can name its columns without an
 * alias and mean nothing else; row ids are what such a statement is given and what it
 * returns.
 *
 * Pure: no server, no output. Text is appended to a buffer of the caller's.
 */
#ifndef MODEL_QUERY_REFERENCE_H
#define MODEL_QUERY_REFERENCE_H

#include "base/strbuf.h"
#include "model/graph.h"
#include "model/rowid.h"
#include "model/staging_names.h"

/*
 * A query that fails unless each expression and the condition is one expression that fits
 * its columns.
 */
void query_reference_check(PQExpBuffer sql, const Catalog *catalog,
                           const Reference *reference);

/*
 * COPY of what the rows with these ids, all in one leaf, refer to, as "n leaf place":
 * each referenced row once, without n; a line without place for each of the rows that
 * refers to no row; and a line with n alone, the number of rows that refer to anything.
 * Without is_followed only the last one.
 */
void query_reference_find(PQExpBuffer sql, const Catalog *catalog,
                          const Reference *reference, const RowId *ids, size_t n,
                          bool is_followed);

/*
 * COPY of "ctid tableoid ctid" of those of the rows, all in one leaf, that refer to
 * something, and of each row that they refer to.
 */
void query_reference_pairs(PQExpBuffer sql, const Catalog *catalog,
                           const Reference *reference, const RowId *ids, size_t n);

/*
 * For statements that go down: the referencing table as t, with the values that its rows
 * refer by, less what the filter (NULL: none) excludes; and its comparison with p.k0 ...
 */
void query_reference_append_referencing(PQExpBuffer sql, const Relation *referencing,
                                        const Reference *reference, const char *filter);
void query_reference_append_match(PQExpBuffer sql, const Relation *referencing,
                                  const Reference *reference);

/*
 * DECLARE of a cursor named "places" over "leaf place" of the staged rows, in the order
 * of their ids: those that were staged in the pass, or (pass -1) those staged before the
 * other.
 */
void query_reference_declare(PQExpBuffer sql, const StagingNames *names, int relation,
                             int pass, int before);

#endif
