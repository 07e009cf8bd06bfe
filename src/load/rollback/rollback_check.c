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
#include "load/registry/registry.h"
#include "load/rollback/rollback_query.h"

enum
{
    MAX_LISTED = 20 /* conflicts that are printed */
};

/* A conflict that is printed. */
typedef struct Conflict
{
    int64_t record;
    const char *key;
    char kind;
    const char *later; /* "batch b2", or NULL: not known */
} Conflict;

typedef struct ConflictList
{
    Conflict items[MAX_LISTED];
    int n_items;
    const char *later; /* the last load that has changed any of them */
} ConflictList;

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

/* ---- later loads */

/* Of the table, the last one first: what it is, its undo table, and where the key is. */
static PGresult *
query_later(LoadBatch *batch, const RollbackTable *undone)
{
    const UndoRow *last = &undone->rows[undone->n_rows - 1];
    char *id = mem_format("%" PRId64, last->id);
    const char *values[] = {last->table_name, id, last->key, batch->settings->schema_name,
                            batch->rollback->batch_id};
    char *sql = mem_format(
        "SELECT CASE WHEN u.batch_id IS NULL THEN pg_catalog.concat('run ', u.run_id)\n"
        "            ELSE pg_catalog.concat('batch ', u.batch_id) END,\n"
        "       pg_catalog.format('%%I.%%I', $4::pg_catalog.text, u.undo_table),\n"
        "       u.undo_table,\n"
        "       ARRAY(SELECT pg_catalog.array_position(u.columns, k.name)\n"
        "               FROM pg_catalog.unnest($3::pg_catalog.text[])\n"
        "                      WITH ORDINALITY AS k (name, number)\n"
        "              ORDER BY k.number)\n"
        "  FROM %s.undo AS u\n"
        " WHERE u.table_name OPERATOR(pg_catalog.=) $1\n"
        "   AND u.undo_id OPERATOR(pg_catalog.>) $2::pg_catalog.int8\n"
        "   AND u.undone_at IS NULL AND u.undo_table IS NOT NULL\n"
        "   AND u.columns OPERATOR(pg_catalog.@>) $3::pg_catalog.text[]\n"
        "   AND COALESCE(u.batch_id OPERATOR(pg_catalog.<>) $5, true)\n"
        " ORDER BY u.undo_id DESC",
        batch->schema);
    PGresult *result = db_query_params(batch->db, sql, 5, values);

    free(sql);
    free(id);
    return result;
}

/* "{1,3}" */
static void
read_numbers(const char *text, int *numbers, int n)
{
    for (int i = 0; i < n; i++)
    {
        numbers[i] = (int)strtol(text + 1, NULL, 10);
        text = text[1] != '\0' ? strchr(text + 1, ',') : text;
        if (text == NULL)
            return;
    }
}

static void
note_shared(const LoadBatch *batch, const PGresult *records, const char *what,
            ConflictList *list)
{
    for (int i = 0; i < PQntuples(records); i++)
    {
        int64_t record = strtoll(PQgetvalue(records, i, 0), NULL, 10);

        for (int j = 0; j < list->n_items; j++)
        {
            Conflict *conflict = &list->items[j];

            if (conflict->record != record || conflict->later != NULL)
                continue;
            conflict->later = arena_copy_string(batch->arena, what);
            list->later = list->later == NULL ? conflict->later : list->later;
        }
    }
}

/* An error there does not matter: its key can have had another type. */
static void
find_shared(LoadBatch *batch, const RollbackTable *undone, const PGresult *later, int i,
            ConflictList *list)
{
    int n = undone->table->key->n_parts;
    int *numbers = mem_alloc_zero((size_t)n, sizeof(int));
    PGresult *records;
    Diag diag = {0};
    char *sql;

    read_numbers(PQgetvalue(later, i, 3), numbers, n);
    sql = rollback_query_shared(undone, PQgetvalue(later, i, 1), numbers, MAX_LISTED);
    if (registry_trust_table(batch, PQgetvalue(later, i, 2), &diag))
    {
        records = db_try(batch->db, sql);
        if (db_succeeded(records))
            note_shared(batch, records, PQgetvalue(later, i, 0), list);
        PQclear(records);
    }
    diag_free(&diag);
    free(numbers);
    free(sql);
}

static void
find_later(LoadBatch *batch, const RollbackTable *undone, ConflictList *list)
{
    PGresult *later = query_later(batch, undone);

    for (int i = 0; i < PQntuples(later) && list->n_items > 0; i++)
        find_shared(batch, undone, later, i, list);
    PQclear(later);
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
                          : "nothing of this is rolled back");
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
        int64_t n = count_conflicts(batch, undone);
        ConflictList list = {0};

        if (n == 0)
            continue;
        read_conflicts(batch, undone, room, &list);
        find_later(batch, undone, &list);
        if (n_before == 0)
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
