/*
 * The effective row: what a row will be, which is more than its record where records lack
 * columns (LoadTable.is_partial) or rules apply to existing rows (LoadTable.rules).
 *
 *                      an existing row (t)                 a new row
 *     key              as in the record                    as in the record
 *     immutable        t.c                                 s.c, or the default
 *     updated_at       now, if something else differs      s.c, or the default
 *     deleted_at       s.c, or NULL                        s.c, or the default
 *     merge            COALESCE(s.c, t.c)                  s.c, or the default
 *     replace          s.c, or t.c where it is absent      s.c, or the default
 *
 * The staging table has NULL in absent columns, and says by PRESENT_COLUMN, one bit for
 * each column of the batch, that the record has no such member; NULL there means that it
 * has all. So absent is not the same as NULL, and costs nothing if there is none.
 *
 * The diff has effective values, from the row as it was compared. Writing t.c back is
 * safe only because a row that was changed since is locked and decided again. Defaults
 * that are constants are put into the diff, where the checks see them; others are
 * evaluated by the INSERT, once for each row that needs them. Until then the values of
 * these rows are unknown (effective_append_known), and left to the commit.
 *
 * Pure: no server, no output.
 */
#ifndef LOAD_EFFECTIVE_H
#define LOAD_EFFECTIVE_H

#include "base/strbuf.h"
#include "load/batch.h"

/* Is the expression of a default a constant? */
bool effective_is_constant(const char *expression);

/* Can rows become something else than their records? */
bool effective_is_needed(const LoadTable *table);

/* Does the commit keep the values that existing rows have in the column? */
bool effective_is_kept(const LoadTable *table, int column);
/* Is it the column that updates set to the time? */
bool effective_is_updated_at(const LoadTable *table, int column);
/* Is it the one that marks soft deletes? */
bool effective_is_deleted_at(const LoadTable *table, int column);
bool effective_has_soft_delete(const LoadTable *table);

/* Does each of several records of a key contribute to its row (fold.h)? */
bool effective_is_folded(const LoadTable *table);
/* Or is it the first of them that counts, since others would find its row? */
bool effective_is_first_kept(const LoadTable *table);

/* Can a record lack the column, although other records have it? */
bool effective_may_be_absent(const LoadTable *table, int column);
/* Is the value of the column in a new row, if the record lacks it, known? */
bool effective_is_default_known(const LoadTable *table, int column);

/* Is the column's value of the diff another expression than s.c? */
bool effective_is_changed(const LoadTable *table, int column);
/* That expression, over s and t, where t has XID_COLUMN. */
void effective_append_value(PQExpBuffer sql, const LoadTable *table, int column);

/*
 * The column's value in a new row, from a row of the staging table under the alias; with
 * has_all, also defaults that are no constants, which are NULL otherwise.
 */
void effective_append_new(PQExpBuffer sql, const LoadTable *table, const char *alias,
                          int column, bool has_all);
/* The same from a row of the diff, which has constants already. */
void effective_append_inserted(PQExpBuffer sql, const LoadTable *table, int column);

/* "the record of the alias has the column", which can be absent */
void effective_append_presence(PQExpBuffer sql, const LoadTable *table, const char *alias,
                               int column);
/*
 * " AND ..." for each of the columns whose value in a new row is unknown where the record
 * lacks it; nothing if there is none.
 */
void effective_append_known(PQExpBuffer sql, const LoadTable *table, const int *columns,
                            int n, const char *alias);

#endif
