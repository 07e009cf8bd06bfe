/*
 * A part of rollback.h: conflicts, rows that are not as the load left them. Some of them
 * are printed with what is different, and with the load that has changed them since, if
 * it has kept undo: that one is to be rolled back before.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/plural.h"
#include "db/db.h"
#include "db/row.h"
#include "load/rollback/rollback_later.h"
#include "load/rollback/rollback_query.h"

static int64_t
count_conflicts(LoadBatch *batch, const RollbackTable *undone)
{
    char *sql = rollback_query_count_conflicts(undone);
    char *count = db_query_value(batch->db, sql);
    int64_t n = strtoll(count, NULL, 10);

    free(count);
    free(sql);
    return n;
}

static void
read_conflicts(LoadBatch *batch, const RollbackTable *undone, int room,
               ConflictList *list)
{
    char *sql = rollback_query_conflicts(undone, room);
    PGresult *result = db_query(batch->db, sql);
    RowReader row = row_reader(result);

    list->n_items = 0;
    while (row_next(&row))
    {
        Conflict *conflict = &list->items[list->n_items++];

        *conflict = (Conflict){.record = row_int64(&row)};
        conflict->key = arena_copy_string(batch->arena, row_text(&row));
        conflict->kind = row_text(&row)[0];
    }
    PQclear(result);
    free(sql);
}

/* ---- messages */

static const char *
describe_kind(char kind)
{
    switch (kind)
    {
        case CONFLICT_GONE:
            return "was deleted since";
        case CONFLICT_RETURNED:
            return "exists again";
        case CONFLICT_BETWEEN:
            return "was changed by others between two runs of the batch";
        default:
            return "was changed since";
    }
}

static void
print_conflicts(const LoadTable *table, const ConflictList *list, int64_t n)
{
    for (int i = 0; i < list->n_items; i++)
    {
        const Conflict *conflict = &list->items[i];

        log_notice("%s: row %s %s%s%s", table->name, conflict->key,
                   describe_kind(conflict->kind), conflict->later != NULL ? ", by " : "",
                   conflict->later != NULL ? conflict->later : "");
    }
    if (n > list->n_items)
        log_notice("%s: and %" PRId64 " more row%s", table->name, n - list->n_items,
                   plural(n - list->n_items));
}

static void
report_conflicts(const LoadBatch *batch, int64_t n)
{
    bool is_forced = batch->settings->rollback_conflicts == ROLLBACK_FORCE;

    log_warning("%" PRId64 " row%s not as the load left %s: %s", n,
                plural_choose(n, " is", "s are"), plural_choose(n, "it", "them"),
                is_forced ? "what others have changed is lost"
                          : plural_choose(n, "it is left as it is",
                                          "they are left as they are"));
}

static void
refuse(const LoadBatch *batch, int64_t n, const char *later, Diag *diag)
{
    const Rollback *rollback = batch->rollback;

    diag_set_message(diag,
                     "nothing was rolled back: %" PRId64 " row%s not as %s %s left %s", n,
                     plural_choose(n, " is", "s are"),
                     rollback->run != NULL ? "run" : "batch",
                     rollback->run != NULL ? rollback->run : rollback->batch_id,
                     plural_choose(n, "it", "them"));
    if (later != NULL)
        diag_set_hint(diag, "Roll back %s before.", later);
    else
        diag_set_hint(diag,
                      "Use --rollback-conflicts=skip to leave %s, or "
                      "--rollback-conflicts=force to restore %s nevertheless.",
                      plural_choose(n, "it as it is", "them as they are"),
                      plural_choose(n, "it", "them"));
}

/* Counts the conflicts, and lists some of them. */
static int64_t
check_undone(LoadBatch *batch, const RollbackTable *undone, int room, ConflictList *list)
{
    PGresult *later = rollback_later_query(batch, undone);
    int64_t n;

    if (batch->settings->rollback_conflicts != ROLLBACK_FORCE)
        rollback_later_add(batch, undone, later);
    n = count_conflicts(batch, undone);
    if (n > 0)
    {
        read_conflicts(batch, undone, room, list);
        rollback_later_find(batch, undone, later, list);
    }
    PQclear(later);
    return n;
}

bool
rollback_check(LoadBatch *batch, Diag *diag)
{
    Rollback *rollback = batch->rollback;
    int64_t n_before = rollback->n_conflicts;
    const char *later = NULL;
    int room = MAX_LISTED;

    rollback->n_conflicts = 0;
    for (int i = 0; i < rollback->n_tables; i++)
    {
        const RollbackTable *undone = &rollback->tables[i];
        ConflictList list = {0};
        int64_t n = check_undone(batch, undone, room, &list);

        if (n > 0 && n_before == 0)
            print_conflicts(undone->table, &list, n);
        room -= list.n_items;
        later = later == NULL ? list.later : later;
        rollback->n_conflicts += n;
    }
    if (rollback->n_conflicts == 0)
        return true;
    if (batch->settings->rollback_conflicts != ROLLBACK_FAIL)
    {
        if (rollback->n_conflicts != n_before)
            report_conflicts(batch, rollback->n_conflicts);
        return true;
    }
    refuse(batch, rollback->n_conflicts, later, diag);
    return false;
}
