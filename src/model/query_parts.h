/*
 * Pieces that several queries share; see query.h. Pure.
 */
#ifndef MODEL_QUERY_PARTS_H
#define MODEL_QUERY_PARTS_H

#include "base/copytext.h"
#include "base/strbuf.h"
#include "model/graph.h"
#include "model/keyset.h"
#include "model/layout.h"
#include "model/rowid.h"

/* "FROM ONLY schema.table AS alias"; a partitioned table is read with its partitions. */
void query_parts_append_from(PQExpBuffer sql, const Relation *relation,
                             const char *alias);

/* "WHERE" or "AND": joins the conditions of one clause. */
void query_parts_append_and(PQExpBuffer sql, bool *has_where);

/* "OPERATOR(=) ANY ('{...}'::oid[])": one of n leaves from the first, by their oids. */
void query_parts_append_leaf_list(PQExpBuffer sql, const Relation *relation, int first,
                                  int n);

/* " AND ...", for rows in these leaves, which the column names, or nothing: all. */
void query_parts_append_leaves(PQExpBuffer sql, const char *column,
                               const Relation *relation, int first, int n);

/* The number of a leaf in the order of a scan. */
void query_parts_append_leaf_number(PQExpBuffer sql, const Relation *relation,
                                    const char *leaf);

/* "'{...}'::type[]" of one column of the keys. */
void query_parts_append_key_array(PQExpBuffer sql, const char *type, int column,
                                  const KeyBatch *keys, const CopyEncoding *encoding);

/* "'{...}'::tid[]" of the row ids. */
void query_parts_append_tids(PQExpBuffer sql, const RowId *ids, size_t n);

/*
 * "FROM leaf AS t WHERE t.ctid = ANY (...)" of rows that are all in one leaf; the planner
 * must be kept from a sequential scan.
 */
void query_fetch_append_row_ids(PQExpBuffer sql, const RowLayout *layout,
                                const RowId *ids, size_t n);

/* " AND ..." for rows in leaves that are no foreign tables, or nothing. */
void query_parts_append_local_leaves(PQExpBuffer sql, const char *table,
                                     const Relation *relation);

/* The foreign key's comparison of the two aliases. */
void query_parts_append_join(PQExpBuffer sql, const FkGraph *graph, const ForeignKey *key,
                             const char *referenced, const char *referencing);

/*
 * Is the period, an expression, within the union of those in the alias's column (which is
 * named by its key)? The FROM and WHERE of the rows with the alias follow, and the end.
 */
void query_parts_append_covered(PQExpBuffer sql, const FkGraph *graph,
                                const ForeignKey *key, const char *period,
                                const char *alias);
#define QUERY_COVERED_END "), false)"

/*
 * The referenced_ids of t by the foreign key, "tableoid(block,offset)" or NULL: an item
 * of the select list, and the outer join that it needs. Of a key with PERIOD they are the
 * ids of all referenced rows, with blanks between them, after a sign: whether the rows
 * are all that the key needs ("+") or not ("-").
 */
void query_parts_append_referenced_ids(PQExpBuffer sql, PQExpBuffer joins,
                                       const FkGraph *graph, const GraphKey *fk,
                                       int number);

/*
 * Around the FROM and WHERE of a statement that fetches rows of t by its layout: what is
 * done with them and the select list before, and what finds the referenced_ids after.
 */
void query_parts_begin_rows(PQExpBuffer sql, const RowLayout *layout);
void query_parts_end_rows(PQExpBuffer sql, const RowLayout *layout);

/* For ORDER BY: the order of a sequential scan: partitions by their bounds, ctid. */
void query_parts_append_scan_order(PQExpBuffer sql, const Relation *relation,
                                   const char *table);

/*
 * A hash of the row's key (or of the whole row). It is taken of the text, and so is equal
 * on every server and every day only under the settings that this program makes.
 */
void query_parts_append_key_hash(PQExpBuffer sql, const Relation *relation,
                                 const char *table);

/* For ORDER BY: the columns of the relation's key, each followed by direction. */
void query_parts_append_key_columns(PQExpBuffer sql, const Relation *relation,
                                    const char *table, const char *direction);

#endif
