/*
 * The SQL of diff and commit: between the staging table (s), the target (t) and the diff
 * (d) of a table. One statement each, without a semicolon, owned by the caller.
 *
 * A diff has a row for each row of the batch that is not simply unchanged, and one for
 * each row that is to be deleted: RECORD_COLUMN, OP_COLUMN, XID_COLUMN and the columns of
 * the batch. The xid is that of the target's row as it was compared: a row with another
 * one was changed since.
 *
 * Rows are different when their images are (record_image_ne): that needs no operators of
 * the types, and tells 1.0 from 1.00.
 *
 * Pure: no server, no output.
 */
#ifndef LOAD_COMMIT_DIFF_QUERY_H
#define LOAD_COMMIT_DIFF_QUERY_H

#include "load/batch.h"

#define XID_COLUMN "_pg_sample_load_xid"

/* Values of OP_COLUMN. */
typedef enum DiffOp
{
    DIFF_INSERT = 'I',
    DIFF_UPDATE = 'U',
    DIFF_DELETE = 'D',
    DIFF_OLDER = 'S',     /* skipped: the target's row is newer */
    DIFF_CONFLICT = 'C',  /* skipped: it is there, and may only be inserted */
    DIFF_NOT_FOUND = 'N', /* skipped: it is not there, and may only be updated */
    DIFF_MOVED = 'M'      /* to be decided again */
} DiffOp;

/* Can two equal keys look different, so that an update may have to write the key? */
bool diff_query_may_rekey(const LoadTable *table);

/* Does the commit keep other writers of the table out? */
bool diff_query_rows_excludes_writers(const LoadTable *table);

/* Is a row known by all of its columns, since the table has no key? */
bool diff_query_is_whole_row(const LoadTable *table);

/* What the diff has, as a SELECT over the whole batch. */
char *diff_query(const LoadTable *table);

/*
 * Locks the target's rows of one op in key order; one row: how many are locked, how many
 * of them have moved, and how many are not of the slice.
 */
char *diff_query_lock(const LoadTable *table, DiffOp op);

/* Locks the rows that a replacement takes away. */
char *diff_query_rows_lock_all(const LoadTable *table);
/* Counts them. */
char *diff_query_rows_count_old(const LoadTable *table);

/* Marks the updates whose row was changed or is gone. */
char *diff_query_mark_moved(const LoadTable *table);
/* Decides those again, over the target's rows as they are. */
char *diff_query_decide_moved(const LoadTable *table);
/* Forgets the deletes whose row was changed or is gone. */
char *diff_query_forget_moved(const LoadTable *table);

/* How many rows that are to be inserted are there by now. */
char *diff_query_count_taken(const LoadTable *table);
/* A key that several rows of the target have, which a unique index would not allow. */
char *diff_query_find_ambiguous(const LoadTable *table);
/* How many rows that are to be deleted have no key by which they could be found. */
char *diff_query_count_unmatched(const LoadTable *table);

/*
 * How many rows of the batch have another value for an identity column GENERATED ALWAYS
 * than the target's; NULL: there is no such column.
 */
char *diff_query_rows_count_fixed(const LoadTable *table);

/* One row for each op in the diff: op, number of rows. */
char *diff_query_rows_count_ops(const LoadTable *table);

/* The changes themselves, as the diff has them. */
char *diff_query_delete(const LoadTable *table);
char *diff_query_update(const LoadTable *table); /* NULL: there is nothing to set */
char *diff_query_insert(const LoadTable *table);

/* All rows of the batch into the table of that name, whatever the diff says. */
char *diff_query_insert_all(const LoadTable *table, const char *into);
/* The rows that a replacement takes away: of the slice, or all. */
char *diff_query_rows_delete_all(const LoadTable *table);

#endif
