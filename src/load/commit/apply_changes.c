/*
 * The changes of all diffs in one transaction. Each table's are up to four statements of
 * diff_query.h, put into one list in the order that apply.h shows, and each must change
 * as many rows as the diff has: a trigger or a rule that keeps rows from being written is
 * noticed before COMMIT, not after.
 *
 * Tables in a cycle of foreign keys have no such order. Their changes are parts (WITH) of
 * a single statement, since foreign keys that are not deferrable are checked at its end.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/plural.h"
#include "base/strbuf.h"
#include "db/row.h"
#include "load/commit/apply.h"
#include "load/commit/capture_query.h"
#include "load/commit/diff_query.h"

typedef enum ChangeKind
{
    CHANGE_SOFT_DELETE,
    CHANGE_UPDATE,
    CHANGE_INSERT,
    CHANGE_DELETE
} ChangeKind;

/* One statement of the commit. */
typedef struct Change
{
    LoadTable *table;
    ChangeKind kind;
    char *sql;          /* owned */
    int64_t n_expected; /* rows that it must affect; -1: not known */
} Change;

typedef struct ChangeList
{
    Change *items;
    size_t n_items;
    size_t capacity;
} ChangeList;

static void
add_change(ChangeList *list, LoadTable *table, ChangeKind kind, char *sql, int64_t n)
{
    if (n == 0 || sql == NULL)
    {
        free(sql);
        return;
    }
    MEM_GROW(list->items, list->capacity, list->n_items);
    list->items[list->n_items++] =
        (Change){.table = table, .kind = kind, .sql = sql, .n_expected = n};
}

static void
free_changes(ChangeList *list)
{
    for (size_t i = 0; i < list->n_items; i++)
        free(list->items[i].sql);
    free(list->items);
    *list = (ChangeList){0};
}

static bool
mismatch(Attempt *attempt, const Change *change, int64_t n)
{
    static const char *const verbs[] = {"Soft-deleted", "Updated", "Inserted", "Deleted"};

    attempt_fail(attempt, ATTEMPT_FAILED,
                 "Row count mismatch! Staging: %" PRId64 ", %s: %" PRId64 " (table %s)",
                 change->n_expected, verbs[change->kind], n, change->table->name);
    diag_set_hint(&attempt->diag,
                  "A trigger that skips rows, or a rule, has changed the effect of "
                  "the statement.");
    return false;
}

/* Stores the time and, of a replacement, the number of rows. */
static bool
finish_change(Attempt *attempt, const Change *change, int64_t n, double seconds)
{
    LoadTable *table = change->table;

    if (change->n_expected >= 0 && n != change->n_expected)
        return mismatch(attempt, change, n);
    switch (change->kind)
    {
        case CHANGE_SOFT_DELETE:
            break;
        case CHANGE_UPDATE:
            table->update_seconds = seconds;
            break;
        case CHANGE_INSERT:
            table->insert_seconds = seconds;
            break;
        case CHANGE_DELETE:
            table->delete_seconds = seconds;
            table->counts.deleted = n;
            break;
    }
    return true;
}

/* The rows of a replacement were not counted before; a trigger might have kept some. */
static bool
check_replaced(Attempt *attempt, const Change *change)
{
    const LoadTable *table = change->table;
    int64_t n_new = attempt->is_together ? table->counts.inserted : 0;
    int64_t n = 0;
    char *sql;
    bool is_good;

    if (change->kind != CHANGE_DELETE || change->n_expected >= 0 ||
        !table->target->has_delete_trigger)
        return true;
    sql = diff_query_rows_lock_all(table);
    is_good = attempt_number(attempt, sql, &n);
    free(sql);
    if (!is_good || n <= n_new)
        return is_good;
    attempt_fail(attempt, ATTEMPT_FAILED,
                 "Row count mismatch! %" PRId64 " old row%s of table %s %s still there",
                 n - n_new, plural(n - n_new), table->name,
                 plural_choose(n - n_new, "is", "are"));
    diag_set_hint(&attempt->diag, "A trigger has prevented them from being deleted.");
    return false;
}

static bool
is_captured(const Change *change)
{
    return change->table->capture != NULL && change->table->capture->is_active;
}

/* A part of WITH, that has a row for each row that changes. */
static void
append_part(PQExpBuffer sql, const Change *change, size_t i)
{
    static const UndoOp ops[] = {UNDO_UPDATED, UNDO_UPDATED, UNDO_INSERTED, UNDO_DELETED};

    if (is_captured(change))
        capture_query_append(sql, change->table, ops[change->kind], change->sql, i);
    else
        appendPQExpBuffer(sql, " c%zu AS (\n%s\nRETURNING 1\n)", i, change->sql);
}

/*
 * All changes in one statement. Foreign keys are checked at its end, so that rows can
 * reference each other in a cycle.
 */
static char *
format_together(const ChangeList *list)
{
    PQExpBufferData sql;

    initPQExpBuffer(&sql);
    for (size_t i = 0; i < list->n_items; i++)
    {
        appendPQExpBufferStr(&sql, i > 0 ? "," : "WITH");
        append_part(&sql, &list->items[i], i);
    }
    appendPQExpBufferStr(&sql, "\nSELECT ");
    for (size_t i = 0; i < list->n_items; i++)
        appendPQExpBuffer(&sql, "%s(SELECT pg_catalog.count(*) FROM c%zu)",
                          i > 0 ? ", " : "", i);
    return sql.data;
}

static bool
run_together(Attempt *attempt, const ChangeList *list)
{
    double start = clock_seconds();
    char *sql = format_together(list);
    PGresult *result = attempt_query(attempt, sql);
    RowReader reader;
    bool is_good = result != NULL;

    free(sql);
    if (!is_good)
        return false;
    reader = row_reader(result);
    row_next(&reader);
    for (size_t i = 0; i < list->n_items && is_good; i++)
        is_good = finish_change(attempt, &list->items[i], row_int64(&reader),
                                clock_seconds() - start);
    PQclear(result);
    for (size_t i = 0; i < list->n_items && is_good; i++)
        is_good = check_replaced(attempt, &list->items[i]);
    return is_good;
}

static bool
run_change(Attempt *attempt, Change *change)
{
    const ChangeList single = {.items = change, .n_items = 1};
    double start = clock_seconds();
    int64_t n;

    if (is_captured(change))
        return run_together(attempt, &single);
    return attempt_count(attempt, change->sql, &n) &&
           finish_change(attempt, change, n, clock_seconds() - start) &&
           check_replaced(attempt, change);
}

static bool
run_changes(Attempt *attempt, ChangeList *list, bool is_cyclic)
{
    bool is_good = true;

    if (is_cyclic && list->n_items > 1)
        is_good = run_together(attempt, list);
    else
    {
        for (size_t i = 0; i < list->n_items && is_good; i++)
        {
            const LoadTable *table = list->items[i].table;

            /* a trigger's own statements are planned as its author expects */
            attempt->join = table->has_triggers
                                ? DIFF_JOIN_ANY
                                : diff_choose_join(table, list->items[i].n_expected);
            is_good = run_change(attempt, &list->items[i]);
            attempt->join = DIFF_JOIN_ANY;
        }
    }
    free_changes(list);
    return is_good;
}

/* ---- which changes there are */

static bool
is_deleted_and_inserted(const LoadTable *table)
{
    return table->apply == APPLY_DELETE_INSERT;
}

static void
add_deletes(ChangeList *list, LoadTable *table, bool is_first)
{
    int64_t n = table->ops.deletes;

    if (is_deleted_and_inserted(table) && is_first)
        add_change(list, table, CHANGE_DELETE, diff_query_rows_delete_all(table), -1);
    else if (table->apply == APPLY_DIFF && table->is_deleting_first == is_first)
        add_change(list, table, CHANGE_DELETE,
                   n > 0 ? diff_query_changes_delete(table) : NULL, n);
}

static void
add_writes(ChangeList *list, LoadTable *table)
{
    const DiffOps *ops = &table->ops;

    if (table->apply == APPLY_DIFF)
    {
        /* marked rows leave partial unique indexes before others enter them */
        add_change(list, table, CHANGE_SOFT_DELETE,
                   ops->soft_deletes > 0 ? diff_query_changes_soft_delete(table) : NULL,
                   ops->soft_deletes);
        add_change(list, table, CHANGE_UPDATE,
                   ops->updates > 0 ? diff_query_changes_update(table) : NULL,
                   ops->updates);
        add_change(list, table, CHANGE_INSERT,
                   ops->inserts > 0 ? diff_query_changes_insert(table) : NULL,
                   ops->inserts);
    }
    else if (table->apply != APPLY_SWAP)
        add_change(list, table, CHANGE_INSERT,
                   diff_query_changes_insert_all(table, table->qname),
                   table->counts.inserted);
}

/* The i-th table in the order of the batch. */
static LoadTable *
get_ordered_table(const LoadBatch *batch, int i)
{
    return &batch->tables[batch->order[i]];
}

static int
get_ordered_component(const LoadBatch *batch, int i)
{
    return batch_get_component(batch, batch->order[i]);
}

static bool
is_cyclic(const LoadBatch *batch, int i)
{
    return batch->graph->components[get_ordered_component(batch, i)].is_cyclic;
}

/* The end of the tables from i on that are in its component: they are adjacent. */
static int
find_component_end(const LoadBatch *batch, int i)
{
    int end = i + 1;

    while (end < batch->n_tables &&
           get_ordered_component(batch, end) == get_ordered_component(batch, i))
        end++;
    return end;
}

static bool
write_component(Attempt *attempt, int first, int end)
{
    ChangeList list = {0};

    for (int i = first; i < end; i++)
        add_writes(&list, get_ordered_table(attempt->batch, i));
    return run_changes(attempt, &list, is_cyclic(attempt->batch, first));
}

static bool
write_in_order(Attempt *attempt)
{
    for (int i = 0; i < attempt->batch->n_tables;)
    {
        int end = find_component_end(attempt->batch, i);

        if (!write_component(attempt, i, end))
            return false;
        i = end;
    }
    return true;
}

static bool
delete_component(Attempt *attempt, int first, int end, bool is_first)
{
    ChangeList list = {0};

    for (int i = end - 1; i >= first; i--)
        add_deletes(&list, get_ordered_table(attempt->batch, i), is_first);
    return run_changes(attempt, &list, is_cyclic(attempt->batch, first));
}

static bool
delete_in_order(Attempt *attempt, bool is_first)
{
    for (int end = attempt->batch->n_tables; end > 0;)
    {
        int first = end - 1;

        while (first > 0 && get_ordered_component(attempt->batch, first - 1) ==
                                get_ordered_component(attempt->batch, first))
            first--;
        if (!delete_component(attempt, first, end, is_first))
            return false;
        end = first;
    }
    return true;
}

/*
 * The changes of all tables in one statement: the order of tables does not matter, since
 * constraints are checked at the end.
 */
static bool
change_together(Attempt *attempt)
{
    const LoadBatch *batch = attempt->batch;
    ChangeList list = {0};

    for (int i = batch->n_tables - 1; i >= 0; i--)
        add_deletes(&list, get_ordered_table(batch, i), true);
    for (int i = 0; i < batch->n_tables; i++)
        add_writes(&list, get_ordered_table(batch, i));
    for (int i = batch->n_tables - 1; i >= 0; i--)
        add_deletes(&list, get_ordered_table(batch, i), false);
    return run_changes(attempt, &list, true);
}

/*
 * Deletes that come first can set columns of others to NULL, of rows that are updated
 * later: their old images would have it. In one statement, all are as they were before.
 */
static bool
needs_snapshot(const LoadBatch *batch)
{
    bool is_captured_any = false;
    bool has_actions = false;

    for (int i = 0; i < batch->n_tables; i++)
    {
        const LoadTable *table = &batch->tables[i];

        is_captured_any = is_captured_any || table->capture != NULL;
        for (int j = 0; j < table->target->n_references; j++)
            has_actions = has_actions ||
                          (table->is_deleting_first && table->ops.deletes > 0 &&
                           strchr("cnd", table->target->references[j].on_delete) != NULL);
    }
    return is_captured_any && has_actions;
}

bool
apply_changes(Attempt *attempt)
{
    if (attempt->locked_since <= 0)
        attempt->locked_since = clock_seconds();
    attempt->is_together = attempt->is_together || needs_snapshot(attempt->batch);
    if (attempt->is_together)
        return change_together(attempt);
    return delete_in_order(attempt, true) && write_in_order(attempt) &&
           delete_in_order(attempt, false);
}

/* ---- can it be done? */

/* How many statements change the table: its deletes are apart from the others. */
static void
count_changes(const LoadTable *table, int *n_deletes, int *n_writes)
{
    bool is_diff = table->apply == APPLY_DIFF;

    *n_deletes += is_diff ? table->ops.deletes > 0 : is_deleted_and_inserted(table);
    if (is_diff)
        *n_writes += (table->ops.soft_deletes > 0) + (table->ops.updates > 0) +
                     (table->ops.inserts > 0);
    else
        *n_writes += table->apply != APPLY_SWAP;
}

static void
check_component(const LoadBatch *batch, int first, int end, Findings *findings)
{
    const LoadTable *found = NULL;
    int n_deletes = 0;
    int n_writes = 0;

    for (int i = first; i < end; i++)
    {
        const LoadTable *table = get_ordered_table(batch, i);

        count_changes(table, &n_deletes, &n_writes);
        if (table->target->also_rule != NULL)
            found = table;
    }
    if (found != NULL && (n_deletes > 1 || n_writes > 1))
        findings_add(findings, "Drop or disable the rule while the table is loaded.",
                     "table %s has rule \"%s\", with which rows in a cycle of foreign "
                     "keys cannot be written in one statement",
                     found->name, found->target->also_rule);
}

void
apply_changes_check(const LoadBatch *batch, Findings *findings)
{
    for (int i = 0; i < batch->n_tables;)
    {
        int end = find_component_end(batch, i);

        if (is_cyclic(batch, i))
            check_component(batch, i, end, findings);
        i = end;
    }
}
