/*
 * The SQL of diff and commit: between the staging table (s), the target (t) and the diff
 * (d) of a table. One statement each, without a semicolon, owned by the caller.
 *
 * A diff has a row for each row of the batch that is not unchanged, and one for each row
 * to be deleted: RECORD_COLUMN, OP_COLUMN, XID_COLUMN, PRESENT_COLUMN if the table is
 * partial, the columns that are written, with effective values (effective.h), and
 * REKEYED_COLUMN if the table has other unique keys. It is a left join of the batch with
 * the target, or a full join in the modes that delete, where a row without a partner is
 * inserted or deleted, and otherwise updated if it differs. XID_COLUMN is the xmin of the
 * target's row as it was compared: if it has another one now, it was changed since.
 *
 * Rows differ when their images do (record_image_ne): this needs no operators of their
 * types, which json for instance lacks, and distinguishes 1.0 from 1.00. Columns of types
 * whose equal values are the same are compared by <>, which is faster, and so are
 * numbers, with their scales.
 *
 * Pure: no server, no output.
 */
#ifndef LOAD_COMMIT_DIFF_QUERY_H
#define LOAD_COMMIT_DIFF_QUERY_H

#include "base/strbuf.h"
#include "load/batch.h"

/* Values of OP_COLUMN. */
typedef enum DiffOp
{
    DIFF_INSERT = 'I',
    DIFF_UPDATE = 'U',
    DIFF_DELETE = 'D',
    DIFF_SOFT_DELETE = 'X', /* absent as well, but only marked as deleted */
    DIFF_OLDER = 'S',       /* skipped: the row of the target is newer */
    DIFF_CONFLICT = 'C',    /* skipped: it exists, and --strategy=insert_only */
    DIFF_NOT_FOUND = 'N',   /* skipped: it does not exist, and --strategy=update_only */
    DIFF_MOVED = 'M'        /* to be decided again */
} DiffOp;

/* Can two equal keys look different, so that an update has to write the key? */
bool diff_query_may_rekey(const LoadTable *table);

/* Does the commit block other writers of the table? */
bool diff_query_rows_excludes_writers(const LoadTable *table);

/* Are rows compared as a whole, since the table has no key? */
bool diff_query_is_whole_row(const LoadTable *table);

/* What the diff has, as a SELECT over the whole batch. */
char *diff_query(const LoadTable *table);

/*
 * Locks the target's rows of one op in key order; one row: how many are locked, how many
 * of them have moved, and how many are not of the slice.
 */
char *diff_query_lock(const LoadTable *table, DiffOp op);

/* Locks the rows that a replacement deletes. */
char *diff_query_rows_lock_all(const LoadTable *table);
/* Counts them. */
char *diff_query_rows_count_old(const LoadTable *table);

/* Marks the updates whose row was changed or deleted. */
char *diff_query_mark_moved(const LoadTable *table);
/* Decides those again, comparing with the rows as they are now. */
char *diff_query_decide_moved(const LoadTable *table);
/* Deletes the deletes, of one kind, whose row was changed or deleted. */
char *diff_query_forget_moved(const LoadTable *table, DiffOp op);

/* How many rows to be inserted exist by now. */
char *diff_query_rows_count_taken(const LoadTable *table);
/* A key that several rows of the target have, where no unique index prevents it. */
char *diff_query_rows_find_ambiguous(const LoadTable *table);
/* How many rows to be deleted have NULL in the key. */
char *diff_query_rows_count_unmatched(const LoadTable *table);

/*
 * How many rows of the batch have another value for an identity column GENERATED ALWAYS
 * than the target's; NULL: there is no such column.
 */
char *diff_query_rows_count_fixed(const LoadTable *table);

/* One row for each op in the diff: op, number of rows. */
char *diff_query_rows_count_ops(const LoadTable *table);

/* The changes, as in the diff. */
char *diff_query_changes_delete(const LoadTable *table);
char *diff_query_changes_soft_delete(const LoadTable *table);
char *diff_query_changes_update(const LoadTable *table); /* NULL: no column can change */
char *diff_query_changes_insert(const LoadTable *table);

/* Inserts all rows of the batch into the named table, without the diff. */
char *diff_query_changes_insert_all(const LoadTable *table, const char *into);
/* Deletes the rows of the slice, or all. */
char *diff_query_rows_delete_all(const LoadTable *table);

/* What diff_query.c and diff_query_rows.c share. Pure: no server, no output. */
bool diff_query_columns_is_key(const LoadTable *table, int column);

/*
 * Is the column compared, and written by an update? Not a key column whose equal values
 * are the same, nor an identity column, which cannot be updated, nor one whose values are
 * kept or are the time of the update.
 */
bool diff_query_columns_is_updated(const LoadTable *table, int column);

/*
 * Can values be compared by operators, and not by their images? Equal numbers are the
 * same if they have as many decimal digits; NaN has no number of them.
 */
bool diff_query_columns_is_compared(const Column *column);
/*
 * Does the value of the source differ from that of t? IS DISTINCT FROM would use the
 * first operator = in search_path.
 */
void diff_query_columns_append_comparison(PQExpBuffer sql, const Column *column,
                                          const char *source);

/*
 * Has the diff REKEYED_COLUMN: does an update change what another unique key than the
 * matched one is made of? The others keep values that no other row has.
 */
bool diff_query_columns_has_rekeyed(const LoadTable *table);
/*
 * ", ... AS REKEYED_COLUMN", over s and t; nothing if the diff does not have it. It is
 * last, since rows are sorted as they are only if columns are named in their order.
 */
void diff_query_columns_append_rekeyed(PQExpBuffer sql, const LoadTable *table);

/* "t.k OPERATOR(pg_catalog.=) d.k AND ..." */
void diff_query_append_match(PQExpBuffer sql, const LoadTable *table, const char *other);

/* Is the batch's row not older than the target's? NULL is older or newer than all. */
void diff_query_append_guard(PQExpBuffer sql, const LoadTable *table);

/*
 * Joins the excluded records, so that they can be left out by "x.record IS NULL", if
 * table->has_excluded. They have to be there for the join with the target: a row whose
 * record was rejected is not absent.
 */
void diff_query_append_stage(PQExpBuffer sql, const LoadTable *table);

/*
 * Staged rows; where records were folded, their rows in place of them. Among them are
 * excluded ones, for which "excluded.record = row.record" and more is true.
 */
void diff_query_append_rows(PQExpBuffer sql, const LoadTable *table);
void diff_query_append_excluded(PQExpBuffer sql, const LoadTable *table,
                                const char *excluded, const char *row);

#endif
