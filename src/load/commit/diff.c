#include "load/commit/diff.h"

#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/mem.h"
#include "base/plural.h"
#include "db/row.h"
#include "db/sql_text.h"
#include "load/commit/diff_query.h"
#include "load/commit/fold.h"
#include "load/load_session.h"
#include "load/registry/registry.h"

/* A replacement deletes all rows, not only those that differ. */
bool
diff_is_needed(const LoadTable *table)
{
    return table->apply == APPLY_DIFF;
}

static void
drop_diff(LoadBatch *batch, const LoadTable *table)
{
    char *sql = mem_format("DROP TABLE IF EXISTS %s", table->diff);

    db_execute(batch->db, sql);
    free(sql);
}

/* Has its key an order that is cheap to compare, and in which an index reads the rows? */
static bool
may_be_sorted(const LoadTable *table)
{
    const Relation *relation = table->target->relation;

    if (table->key == NULL || table->key->name == NULL || table->key->is_period ||
        table->key->predicate != NULL || relation->is_partitioned)
        return false;
    for (int i = 0; i < table->key->n_parts; i++)
    {
        const KeyPart *part = &table->key->parts[i];

        if (part->column < 0 || relation->columns[part->column].collation[0] != '\0')
            return false;
    }
    return true;
}

/*
 * Rows that are in the order of the key in both tables are merged in half the time that
 * hashing takes, since none is copied. The planner does not know that sorting such rows
 * costs next to nothing.
 */
static void
look_for_order(LoadBatch *batch, LoadTable *table)
{
    const char *values[3] = {table->stage, table->qname};
    PGresult *result;
    RowReader row;

    table->is_sorted = false;
    table->has_triggers = true;
    if (batch->stage_kind != STAGE_UNLOGGED || table->diff_select != NULL ||
        table->has_excluded || table->folded != NULL || !may_be_sorted(table))
        return;
    values[2] = table->target->relation->columns[table->key->parts[0].column].name;
    result = db_query_params(batch->db, sql_load_sorted, 3, values);
    row = row_reader(result);
    if (row_next(&row))
    {
        table->is_sorted = row_bool(&row);
        table->has_triggers = row_bool(&row);
    }
    PQclear(result);
}

/* A lookup takes as long as reading seven rows in order: tenths are on the safe side. */
DiffJoin
diff_choose_join(const LoadTable *table, int64_t n)
{
    if (!table->is_sorted)
        return DIFF_JOIN_ANY;
    return n < table->n_staged / 10 ? DIFF_JOIN_LOOKUP : DIFF_JOIN_MERGE;
}

const char *
diff_get_join_settings(DiffJoin join)
{
    switch (join)
    {
        case DIFF_JOIN_MERGE:
            return "SET LOCAL enable_mergejoin TO DEFAULT;\n"
                   "SET LOCAL enable_indexscan TO DEFAULT;\n"
                   "SET LOCAL enable_hashjoin = off";
        case DIFF_JOIN_LOOKUP:
            return "SET LOCAL enable_mergejoin = off;\n"
                   "SET LOCAL enable_indexscan = on;\n"
                   "SET LOCAL enable_hashjoin = off";
        case DIFF_JOIN_ANY:
            break;
    }
    return "SET LOCAL enable_mergejoin TO DEFAULT;\n"
           "SET LOCAL enable_indexscan TO DEFAULT;\n"
           "SET LOCAL enable_hashjoin TO DEFAULT";
}

static void
create_diff(LoadBatch *batch, LoadTable *table)
{
    bool is_temporary = batch->stage_kind == STAGE_TEMPORARY;
    char *select = table->diff_select != NULL ? mem_copy_string(table->diff_select)
                                              : diff_query(table);
    char *comment;
    char *sql;

    table->diff = registry_name_table(batch, table->target->relation->name, "diff");
    comment = registry_format_comment(batch, table, table->diff, "diff");
    look_for_order(batch, table);
    sql =
        mem_format("%s%sCREATE %s TABLE %s %sAS\n%s;\n%s",
                   table->is_sorted ? diff_get_join_settings(DIFF_JOIN_MERGE) : "",
                   table->is_sorted ? ";\n" : "", is_temporary ? "TEMPORARY" : "UNLOGGED",
                   table->diff, is_temporary ? "ON COMMIT DROP " : "", select, comment);
    db_execute(batch->db, sql);
    free(sql);
    free(comment);
    free(select);
    load_session_analyze(batch->db, table->diff);
}

/*
 * A natural key without a unique index can be that of several rows, so that it is not
 * clear which one is meant.
 */
static void
check_ambiguous(LoadBatch *batch, const LoadTable *table)
{
    char *sql;
    PGresult *result;

    if (table->key == NULL || table->key->name != NULL)
        return;
    sql = diff_query_rows_find_ambiguous(table);
    result = db_query(batch->db, sql);
    if (PQntuples(result) > 0)
        die_message(EXIT_SERVER, "several rows of table %s have the natural key %s",
                    table->name, PQgetvalue(result, 0, 0));
    PQclear(result);
    free(sql);
}

/*
 * A row with NULL in the key matches no row of the batch: it is not known whether it is
 * to be kept or deleted. Only a primary key surely has none: NOT NULL can be NOT VALID.
 */
static void
check_unmatched(LoadBatch *batch, const LoadTable *table)
{
    char *sql;
    char *count;
    int64_t n;

    if (table->key == NULL || table->key->is_primary || !batch_is_deleting(table))
        return;
    sql = diff_query_rows_count_unmatched(table);
    count = db_query_value(batch->db, sql);
    n = strtoll(count, NULL, 10);
    if (n > 0)
        die_hint(EXIT_SERVER,
                 "Set the key columns, or replace all rows with --apply=delete-insert.",
                 "%s row%s of table %s %s NULL in the key, so that it cannot be said "
                 "whether the batch has them",
                 count, plural(n), table->name, plural_choose(n, "has", "have"));
    free(count);
    free(sql);
}

/* Values that cannot be written do not prevent the load, but are reported. */
static void
count_fixed(LoadBatch *batch, LoadTable *table)
{
    char *sql = table->diff_select == NULL ? diff_query_rows_count_fixed(table) : NULL;
    char *count;

    if (sql == NULL)
        return;
    count = db_query_value(batch->db, sql);
    table->n_fixed = strtoll(count, NULL, 10);
    free(count);
    free(sql);
}

/*
 * What is folded may depend on rows that the diff reads again, whose xmin does not tell
 * that they were changed in between. Only temporary tables are in a transaction already;
 * their few rows are folded again by the commit.
 */
static bool
begin_snapshot(LoadBatch *batch, const LoadTable *table)
{
    if (!fold_query_is_by_time(table) || batch->stage_kind != STAGE_UNLOGGED)
        return false;
    db_execute(batch->db, "BEGIN ISOLATION LEVEL REPEATABLE READ");
    return true;
}

void
diff_build(LoadBatch *batch, LoadTable *table)
{
    bool has_snapshot;

    db_set_context(batch->db, "could not compare table %s with the batch", table->name);
    has_snapshot = begin_snapshot(batch, table);
    fold_build(batch, table);
    if (!diff_is_needed(table))
    {
        db_set_context(batch->db, NULL);
        return;
    }
    check_ambiguous(batch, table);
    if (table->diff != NULL)
        drop_diff(batch, table);
    create_diff(batch, table);
    if (has_snapshot)
        db_execute(batch->db, "COMMIT");
    check_unmatched(batch, table);
    count_fixed(batch, table);
    if (!diff_count(batch->db, table))
        die_message(EXIT_CONNECTION, "lost the connection to the server");
    db_set_context(batch->db, NULL);
}

static void
add_op(DiffOps *ops, char op, int64_t n)
{
    switch (op)
    {
        case DIFF_INSERT:
            ops->inserts = n;
            break;
        case DIFF_UPDATE:
            ops->updates = n;
            break;
        case DIFF_DELETE:
            ops->deletes = n;
            break;
        case DIFF_SOFT_DELETE:
            ops->soft_deletes = n;
            break;
        case DIFF_OLDER:
            ops->older = n;
            break;
        case DIFF_CONFLICT:
            ops->conflicts = n;
            break;
        case DIFF_NOT_FOUND:
            ops->not_found = n;
            break;
        default:
            break;
    }
}

static void
set_counts(LoadTable *table)
{
    const DiffOps *ops = &table->ops;
    LoadCounts *counts = &table->counts;

    counts->inserted = ops->inserts;
    counts->updated = ops->updates;
    counts->deleted = ops->deletes;
    counts->soft_deleted = ops->soft_deletes;
    counts->skipped_older = ops->older;
    counts->skipped_conflict = ops->conflicts;
    counts->skipped_not_found = ops->not_found;
    if (table->diff_select != NULL) /* a row to be deleted is one of those undone */
        counts->n_source = table->n_staged - ops->deletes;
    counts->unchanged = counts->n_source - counts_errors(counts) - counts->duplicate -
                        counts->inserted - counts->updated - counts_skipped(counts);
}

bool
diff_count(Db *db, LoadTable *table)
{
    char *sql;
    PGresult *result;
    RowReader reader;

    if (table->diff == NULL)
        return true;
    sql = diff_query_rows_count_ops(table);
    result = db_ask(db, sql);
    free(sql);
    if (result == NULL || !db_succeeded(result))
    {
        PQclear(result);
        return false;
    }
    table->ops = (DiffOps){0};
    reader = row_reader(result);
    while (row_next(&reader))
    {
        char op = row_text(&reader)[0];

        add_op(&table->ops, op, row_int64(&reader));
    }
    PQclear(result);
    set_counts(table);
    return true;
}
