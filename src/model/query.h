/*
 * SQL that is put together at run time and reads the source: picking rows, and fetching
 * rows by keys or row ids. Other headers query_*.h have the statements of staging,
 * slices, references and provenance.
 *
 * Names are quoted by the server, in the catalog; values are literals in arrays, so that
 * one statement fetches thousands of rows in one scan of an index. Every operator between
 * keys is the constraint's own, since the search_path is empty, and a bare "=" can be
 * another operator there. What a statement returns is given by a RowLayout, which is all
 * that differs between COPY to the program (direct mode) and INSERT into staging tables.
 *
 * Pure: no server, no output. Text is appended to a buffer of the caller's.
 */
#ifndef MODEL_QUERY_H
#define MODEL_QUERY_H

#include "base/copytext.h"
#include "base/strbuf.h"
#include "model/graph.h"
#include "model/keyset.h"
#include "model/layout.h"
#include "model/plan.h"
#include "model/rowid.h"

/* LOCK TABLE ... IN ACCESS SHARE MODE for the relations marked, or "" for none. */
void query_lock_tables(PQExpBuffer sql, const Catalog *catalog, const bool *is_locked,
                       int first, int n, bool is_nowait);

/* COPY of the rows that a pick takes, for picks without user SQL; n rows, -1: all. */
void query_pick_rows(PQExpBuffer sql, const Plan *plan, const RowLayout *layout,
                     const Pick *pick, int64_t n);

/*
 * COPY of "tableoid ctid" of the rows that a pick takes, with the rule's condition as the
 * user wrote it. It names the table without an alias, so that the condition can name it.
 */
void query_pick_ids(PQExpBuffer sql, const Plan *plan, const Pick *pick, int64_t n);

/* SELECT of the number of rows that satisfy the pick's rule. */
void query_count(PQExpBuffer sql, const Plan *plan, const Pick *pick);

/* SELECT of the number of rows of the whole relation, but not more than n. */
void query_count_up_to(PQExpBuffer sql, const Relation *relation, int64_t n);

/*
 * The order in which children of a row are taken: by key, the newest first with
 * --ordered, or at random. Appends what follows ORDER BY.
 */
void query_append_pick_order(PQExpBuffer sql, const Plan *plan, const Relation *relation,
                             const char *table);

/* SELECT of the number of rows in a sample of percent of the blocks. */
void query_count_sampled(PQExpBuffer sql, const Plan *plan, const Pick *pick,
                         double percent);

/* A query that fails unless the condition is one boolean expression that fits. */
void query_check_condition(PQExpBuffer sql, const Plan *plan, const Pick *pick);

/* COPY of the rows with these keys. */
void query_fetch_by_key(PQExpBuffer sql, const RowLayout *layout,
                        const ReferencedKey *key, const KeyBatch *keys,
                        const CopyEncoding *encoding);

/* SELECT of the number of rows with these keys; with PERIOD, of keys that hold. */
void query_fetch_count_keys(PQExpBuffer sql, const FkGraph *graph,
                            const RowLayout *layout, const ReferencedKey *key,
                            const KeyBatch *keys, const CopyEncoding *encoding);

/* SELECT of "relation tableoid ctid" of the rows with these keys, some more than once. */
void query_fetch_find_keys(PQExpBuffer sql, const RowLayout *layout,
                           const ReferencedKey *key, const KeyBatch *keys,
                           const CopyEncoding *encoding);

/* COPY of the rows with these ids, all of them in one leaf. */
void query_fetch_by_id(PQExpBuffer sql, const RowLayout *layout, const RowId *ids,
                       size_t n);

/* COPY of "tableoid ctid" of those of the rows that exist, all in one leaf. */
void query_fetch_probe_ids(PQExpBuffer sql, const RowLayout *layout, const RowId *ids,
                           size_t n);

/* COPY of "tableoid ctid" of n of the rows with these ids, by a hash of their keys. */
void query_fetch_stable_order_of(PQExpBuffer sql, const RowLayout *layout,
                                 const RowId *ids, size_t n_ids, int64_t n);

/* COPY of "tableoid ctid" of all of the relation's rows in the order of its key. */
void query_fetch_key_order(PQExpBuffer sql, const RowLayout *layout);

/* The same for the rows with these ids, which must be sorted. */
void query_fetch_key_order_of(PQExpBuffer sql, const RowLayout *layout, const RowId *ids,
                              size_t n);

/*
 * A recursive query: "relation tableoid ctid" of all rows of a cyclic component that are
 * reached from some of its rows by foreign keys within the component. So a chain of any
 * length costs one statement, where each pass would add one row of it. The rows are
 * copied out, or inserted into a table. Between begin and end are the rows to start from,
 * in any number of parts; ids all in one leaf. query_fetch_can_recurse() must be true.
 */
bool query_fetch_can_recurse(const Plan *plan, const FkGraph *graph,
                             const Component *component);
#define QUERY_RECURSION_OUT "COPY ("
#define QUERY_RECURSION_OUT_END ") TO STDOUT"
void query_fetch_begin_recursion(PQExpBuffer sql, const char *begin);
void query_fetch_recursion_from_keys(PQExpBuffer sql, const RowLayout *layout,
                                     const ReferencedKey *key, const KeyBatch *keys,
                                     const CopyEncoding *encoding, bool is_first);
void query_fetch_recursion_from_ids(PQExpBuffer sql, const RowLayout *layout,
                                    const RowId *ids, size_t n, bool is_first);
void query_fetch_end_recursion(PQExpBuffer sql, const Plan *plan, const FkGraph *graph,
                               const Component *component, const char *end);

#endif
