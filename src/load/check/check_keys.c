/*
 * A part of check.h: rows with the same key, or with unique values of other rows.
 *
 * Rows with the same value of the table's own key are duplicates, of which one is loaded.
 * For other unique keys, a value of a row that remains in the target, or of an earlier
 * row of the batch, rejects the row. A value that another row gives up in the same load
 * is possible, if the commit deletes and updates in the right order; two updated rows
 * that swap values are not, since a unique index is checked row by row.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/plural.h"
#include "db/db.h"
#include "db/sqlstate.h"
#include "load/check/check_internal.h"
#include "load/effective.h"

/* "key (1,x) in a.csv, record 1, and in a.csv, record 2; ..." */
static void
add_finding(LoadBatch *batch, const LoadTable *table, int64_t n, Findings *findings)
{
    PQExpBufferData sql;
    PQExpBufferData hint;
    PGresult *result;

    initPQExpBuffer(&sql);
    initPQExpBuffer(&hint);
    check_query_keys_duplicate_keys(&sql, table);
    result = db_query(batch->db, sql.data);
    for (int i = 0; i < PQntuples(result); i++)
    {
        char *first =
            check_records_describe(batch, strtoll(PQgetvalue(result, i, 1), NULL, 10));
        char *last =
            check_records_describe(batch, strtoll(PQgetvalue(result, i, 2), NULL, 10));

        appendPQExpBuffer(&hint, "%skey %s: %s and %s", i > 0 ? "; " : "",
                          PQgetvalue(result, i, 0), first, last);
        free(first);
        free(last);
    }
    findings_add(findings, hint.data, "%s: %lld row%s the key of another row",
                 table->name, (long long)n, plural_choose(n, " has", "s have"));
    PQclear(result);
    termPQExpBuffer(&sql);
    termPQExpBuffer(&hint);
}

/* Of records that are folded, the one that gives its number to the row does not count. */
static void
exclude_duplicates(LoadBatch *batch, LoadTable *table)
{
    PQExpBufferData sql;
    int64_t n;

    initPQExpBuffer(&sql);
    table->has_folds = effective_is_folded(table);
    if (table->has_folds)
        check_query_keys_folded(&sql, table);
    else
        check_query_keys_duplicates(&sql, table);
    n = check_records_exclude(batch, table, sql.data, table->has_folds ? 0 : 'd');
    if (table->has_folds)
    {
        resetPQExpBuffer(&sql);
        check_query_keys_folded_count(&sql, table);
        n -= check_records_count_rows(batch->db, sql.data);
    }
    table->counts.duplicate += n;
    termPQExpBuffer(&sql);
}

void
check_keys_duplicates(LoadBatch *batch, LoadTable *table, Rejects *rejects,
                      Findings *findings)
{
    PQExpBufferData sql;
    int64_t n;

    if (table->key == NULL)
        return;
    initPQExpBuffer(&sql);
    check_query_keys_duplicate_count(&sql, table);
    n = check_records_count_rows(batch->db, sql.data);
    if (n > 0 && table->settings->duplicates == DUPLICATES_ERROR)
        add_finding(batch, table, n, findings);
    else if (n > 0)
    {
        /* others than the first record of a new key change its row, if there is one */
        if (effective_is_folded(table) &&
            table->settings->strategy != STRATEGY_UPDATE_ONLY)
            check_immutable(batch, table, IMMUTABLE_BASE_BATCH, rejects);
        exclude_duplicates(batch, table);
    }
    termPQExpBuffer(&sql);
}

bool
check_keys_can(const LoadTable *table, const TargetKey *key)
{
    return batch_writes_any_column(table, key->used_columns, key->n_used_columns) &&
           !batch_is_matched_key(table, key) &&
           check_query_can_see(table, key->used_columns, key->n_used_columns);
}

/*
 * Can rows have values of the target's rows, or of other rows of the batch? Finding out
 * that they do not takes one scan. Without a diff, it is not known which rows are new.
 */
static bool
find_met(LoadBatch *batch, const LoadTable *table, const TargetKey *key, bool *has_target)
{
    PQExpBufferData sql;
    PGresult *result;
    bool has_other;

    *has_target = true;
    if (table->diff == NULL || table->key == NULL)
        return true;
    initPQExpBuffer(&sql);
    check_query_keys_met(&sql, table, key);
    result = db_query_row(batch->db, sql.data);
    *has_target = strtoll(PQgetvalue(result, 0, 0), NULL, 10) > 0;
    has_other = strtoll(PQgetvalue(result, 0, 1), NULL, 10) > 0;
    PQclear(result);
    termPQExpBuffer(&sql);
    return *has_target || has_other;
}

int64_t
check_keys_unique(LoadBatch *batch, LoadTable *table, Rejects *rejects)
{
    PQExpBufferData sql;
    int64_t n_all = 0;

    table->is_untaken = true;
    initPQExpBuffer(&sql);
    for (int i = 0; i < table->target->n_keys; i++)
    {
        const TargetKey *key = &table->target->keys[i];
        Reject reject = {.kind = REJECT_CHECK, .sqlstate = SQLSTATE_UNIQUE_VIOLATION};
        bool has_target;
        char *reason;

        if (!check_keys_can(table, key) || !find_met(batch, table, key, &has_target))
            continue;
        table->is_untaken = table->is_untaken && !has_target;
        resetPQExpBuffer(&sql);
        check_query_keys_unique(&sql, table, key, has_target);
        if (check_records_count(batch->db, sql.data) == 0)
            continue;
        reason =
            mem_format(key->is_period ? "overlaps another row in key \"%s\""
                                      : "has values of another row in unique key \"%s\"",
                       key->name);
        if (key->is_period)
            reject.sqlstate = SQLSTATE_EXCLUSION_VIOLATION;
        reject.reason = reason;
        if (key->n_parts == 1 && key->parts[0].column >= 0)
            reject.column = table->target->relation->columns[key->parts[0].column].name;
        n_all += check_records_remove(batch, table, rejects, sql.data, &reject);
        free(reason);
    }
    termPQExpBuffer(&sql);
    return n_all;
}

static void
check_taken(LoadBatch *batch, LoadTable *table, const TargetKey *key, Findings *findings)
{
    PQExpBufferData sql;
    PGresult *result;
    long long n_swapped;

    initPQExpBuffer(&sql);
    check_query_keys_taken(&sql, table, key);
    result = db_query_row(batch->db, sql.data);
    if (strtoll(PQgetvalue(result, 0, 0), NULL, 10) > 0)
        table->is_deleting_first = true;
    n_swapped = strtoll(PQgetvalue(result, 0, 1), NULL, 10);
    if (n_swapped > 0 && !key->is_deferrable)
    {
        char *first =
            check_records_describe(batch, strtoll(PQgetvalue(result, 0, 2), NULL, 10));
        char *last =
            check_records_describe(batch, strtoll(PQgetvalue(result, 0, 3), NULL, 10));
        bool is_range = strcmp(first, last) != 0;
        bool has_sources = batch->rollback == NULL;

        findings_add(findings,
                     "Values can be moved between rows only with a DEFERRABLE "
                     "constraint, or in two runs.",
                     "%s: %lld row%s values of unique key \"%s\" from rows that are "
                     "updated, too%s%s%s%s",
                     table->name, n_swapped, plural_choose(n_swapped, " takes", "s take"),
                     key->name, has_sources ? ": " : "", has_sources ? first : "",
                     has_sources && is_range ? " ... " : "",
                     has_sources && is_range ? last : "");
        free(first);
        free(last);
    }
    PQclear(result);
    termPQExpBuffer(&sql);
}

void
check_keys_taken(LoadBatch *batch, LoadTable *table, Findings *findings)
{
    if (table->diff == NULL || table->key == NULL || table->is_untaken)
        return;
    for (int i = 0; i < table->target->n_keys; i++)
    {
        if (check_keys_can(table, &table->target->keys[i]))
            check_taken(batch, table, &table->target->keys[i], findings);
    }
}
