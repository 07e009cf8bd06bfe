#include <inttypes.h>
#include <stdlib.h>

#include "base/mem.h"
#include "db/db.h"
#include "db/row.h"
#include "db/sqlstate.h"
#include "load/direct/direct_internal.h"
#include "load/stage/copy_error.h"

enum
{
    MAX_TRIES = 10 /* while other sessions change the same rows */
};

static PGresult *
try_rows(const DirectRows *rows, size_t n)
{
    Db *db = rows->batch->db;
    CopyEncoding encoding = db_copy_encoding(db);
    char *sql = direct_query_merge(rows->table, rows->lines, n, &encoding);
    PGresult *result;

    db_execute(db, "SAVEPOINT pg_sample_load_rows");
    result = db_try(db, sql);
    free(sql);
    return result;
}

static void
undo_rows(const DirectRows *rows)
{
    db_execute(rows->batch->db, "ROLLBACK TO SAVEPOINT pg_sample_load_rows;\n"
                                "RELEASE SAVEPOINT pg_sample_load_rows");
}

/*
 * Finds the first record that fails, by halving the lines: log2(batch size) statements.
 */
static _Noreturn void
die_of_record(const DirectRows *rows)
{
    size_t good = 0;
    size_t bad = rows->lines->n_lines;
    PGresult *result;

    while (bad - good > 1)
    {
        size_t middle = good + (bad - good) / 2;

        result = try_rows(rows, middle);
        if (db_succeeded(result))
            good = middle;
        else
            bad = middle;
        PQclear(result);
        undo_rows(rows);
    }
    result = try_rows(rows, bad);
    if (db_succeeded(result))
        direct_error_die(
            rows, 0, rows->lines->n_lines, NULL,
            "a trigger skips rows, or other sessions repeatedly change the same rows");
    direct_error_die(rows, bad - 1, bad, result, NULL);
}

static void
check_key_values(const DirectRows *rows)
{
    for (size_t i = 0; i < rows->lines->n_lines; i++)
    {
        int column = direct_query_find_null(rows->table, rows->lines, i);

        if (column >= 0)
        {
            char *reason =
                mem_format("key column \"%s\" is NULL",
                           rows->table->target->relation->columns[column].name);

            direct_error_die(rows, i, i + 1, NULL, reason);
        }
    }
}

/* False if the rows were changed by others; nothing is counted then. */
static bool
count_merged(const DirectRows *rows, const PGresult *result)
{
    LoadCounts *counts = &rows->table->counts;
    LoadCounts new_counts = *counts;
    RowReader reader = row_reader(result);
    int64_t n = (int64_t)rows->lines->n_lines;
    int64_t n_keys;
    int64_t inserts;
    int64_t updates;
    int64_t skipped;

    row_next(&reader);
    n_keys = row_int64(&reader);
    inserts = row_int64(&reader);
    updates = row_int64(&reader);
    new_counts.skipped_older += row_int64(&reader);
    new_counts.skipped_conflict += row_int64(&reader);
    new_counts.skipped_not_found += row_int64(&reader);
    if (row_int64(&reader) > 0)
        direct_error_die(rows, 0, rows->lines->n_lines, NULL,
                         "several rows of the table have the same key");
    if (row_int64(&reader) != updates || row_int64(&reader) != inserts)
        return false;
    if (n_keys < n && rows->table->settings->duplicates == DUPLICATES_ERROR)
        direct_error_die(rows, 0, rows->lines->n_lines, NULL,
                         "several rows have the same key");
    rows->table->n_fixed += row_int64(&reader);
    skipped = counts_skipped(&new_counts) - counts_skipped(counts);
    new_counts.duplicate += n - n_keys;
    new_counts.inserted += inserts;
    new_counts.updated += updates;
    new_counts.unchanged += n_keys - inserts - updates - skipped;
    *counts = new_counts;
    return true;
}

/* A key that others have just inserted is updated the next time. */
static bool
is_key_taken(const PGresult *result)
{
    return sqlstate_is(result, SQLSTATE_UNIQUE_VIOLATION);
}

void
direct_merge(const DirectRows *rows, bool is_first)
{
    Db *db = rows->batch->db;

    if (!is_first && rows->table->settings->duplicates != DUPLICATES_LAST)
        direct_error_die(rows, 0, rows->lines->n_lines, NULL,
                         "cannot apply --on-duplicate to rows of several batches; raise "
                         "--batch-size, or use staging tables");
    check_key_values(rows);
    for (int i = 0; i < MAX_TRIES; i++)
    {
        PGresult *result = try_rows(rows, rows->lines->n_lines);
        bool is_good = db_succeeded(result);
        bool is_final = !is_good && !is_key_taken(result);

        if (is_final &&
            copy_error_classify(PQresultErrorField(result, PG_DIAG_SQLSTATE)) ==
                COPY_ERROR_NOT_DATA)
            direct_error_die(rows, 0, rows->lines->n_lines, result, NULL);
        is_good = is_good && count_merged(rows, result);
        PQclear(result);
        if (is_good)
        {
            db_execute(db, "RELEASE SAVEPOINT pg_sample_load_rows");
            return;
        }
        undo_rows(rows);
        if (is_final)
            break;
    }
    die_of_record(rows);
}
