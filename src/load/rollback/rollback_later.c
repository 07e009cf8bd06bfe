#include "load/rollback/rollback_later.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/die.h"
#include "base/mem.h"
#include "db/db.h"
#include "load/commit/diff.h"
#include "load/registry/registry.h"
#include "load/registry/undo.h"
#include "load/rollback/rollback_query.h"

/* What it is, its undo table, the same quoted, and where the key is. */
enum
{
    LATER_WHAT,
    LATER_QNAME,
    LATER_NAME,
    LATER_NUMBERS
};

/*
 * Where the key has another type, rows cannot be the same. Its type is asked of the
 * composed table: another session can have dropped the undo table.
 */
static const char later_loads[] =
    "SELECT CASE WHEN COALESCE(u.batch_id OPERATOR(pg_catalog.=) $5,\n"
    "                          u.batch_id IS NULL)\n"
    "            THEN pg_catalog.concat('run ', u.run_id)\n"
    "            ELSE pg_catalog.concat('batch ', u.batch_id) END,\n"
    "       n.qname, u.undo_table,\n"
    "       ARRAY(SELECT pg_catalog.array_position(u.columns, k.name)\n"
    "               FROM pg_catalog.unnest($3::pg_catalog.text[])\n"
    "                      WITH ORDINALITY AS k (name, number)\n"
    "              ORDER BY k.number)\n"
    "  FROM %s.undo AS u\n"
    "       CROSS JOIN LATERAL (SELECT CASE WHEN u.undo_table IS NOT NULL THEN\n"
    "         pg_catalog.format('%%I.%%I', $4::pg_catalog.text, u.undo_table) END)\n"
    "         AS n (qname)\n"
    " WHERE u.table_name OPERATOR(pg_catalog.=) $1\n"
    "   AND u.undo_id OPERATOR(pg_catalog.>) $2::pg_catalog.int8\n"
    "   AND u.undone_at IS NULL\n"
    "   AND pg_catalog.to_regclass(n.qname) IS NOT NULL\n"
    "   AND u.columns OPERATOR(pg_catalog.@>) $3::pg_catalog.text[]\n"
    "   AND ($8::pg_catalog.bool\n"
    "        OR COALESCE(u.batch_id OPERATOR(pg_catalog.<>) $5, true))\n"
    "   AND NOT EXISTS (\n"
    "         SELECT\n"
    "           FROM pg_catalog.unnest($3::pg_catalog.text[]) AS k (name)\n"
    "                JOIN pg_catalog.pg_attribute AS a\n"
    "                  ON a.attrelid OPERATOR(pg_catalog.=) "
    "n.qname::pg_catalog.regclass\n"
    "                     AND a.attname OPERATOR(pg_catalog.=) pg_catalog.concat("
    "'" UNDO_OLD "',\n"
    "                       pg_catalog.array_position(u.columns, k.name))\n"
    "                JOIN pg_catalog.pg_attribute AS b\n"
    "                  ON b.attrelid OPERATOR(pg_catalog.=) "
    "$6::pg_catalog.regclass\n"
    "                     AND b.attname OPERATOR(pg_catalog.=) pg_catalog.concat("
    "'" UNDO_OLD "',\n"
    "                       pg_catalog.array_position($7::pg_catalog.text[], k.name))\n"
    "          WHERE a.atttypid OPERATOR(pg_catalog.<>) b.atttypid)\n"
    " ORDER BY u.undo_id DESC";

PGresult *
rollback_later_query(LoadBatch *batch, const RollbackTable *undone)
{
    const UndoRow *last = &undone->rows[undone->n_rows - 1];
    bool is_run = batch->rollback->run != NULL;
    char *id = mem_format("%" PRId64, last->id);
    const char *values[] = {last->table_name,
                            id,
                            last->key,
                            batch->settings->schema_name,
                            batch->rollback->batch_id,
                            undone->table->stage,
                            last->columns,
                            is_run ? "t" : "f"};
    char *sql = mem_format(later_loads, batch->schema);
    PGresult *result = db_query_params(batch->db, sql, 8, values);

    free(sql);
    free(id);
    return result;
}

/* "{1,3}"; freed by the caller. */
static int *
read_numbers(const char *text, int n)
{
    int *numbers = mem_alloc_zero((size_t)n, sizeof(int));

    for (int i = 0; i < n && text != NULL; i++)
    {
        numbers[i] = (int)strtol(text + 1, NULL, 10);
        text = strchr(text + 1, ',');
    }
    return numbers;
}

static void
check_later_trust(LoadBatch *batch, const PGresult *later, int i)
{
    Diag diag = {0};

    if (!registry_trust_table(batch, PQgetvalue(later, i, LATER_NAME), &diag))
        die(EXIT_SERVER, &diag);
}

/* ---- conflicts that only they show */

static int64_t
add_of(LoadBatch *batch, const RollbackTable *undone, const PGresult *later, int i)
{
    int *numbers =
        read_numbers(PQgetvalue(later, i, LATER_NUMBERS), undone->table->key->n_parts);
    char *insert =
        rollback_query_add_later(undone, PQgetvalue(later, i, LATER_QNAME), numbers);
    /* conditions hide from the planner how many rows there are */
    char *sql = mem_format("SET LOCAL enable_nestloop = off;\n%s", insert);
    PGresult *result;
    int64_t n;

    check_later_trust(batch, later, i);
    result = db_query(batch->db, sql);
    n = strtoll(PQcmdTuples(result), NULL, 10);
    PQclear(result);
    free(numbers);
    free(insert);
    free(sql);
    return n;
}

void
rollback_later_add(LoadBatch *batch, const RollbackTable *undone, const PGresult *later)
{
    int64_t n = 0;

    db_set_context(batch->db, "could not read what later loads have changed in table %s",
                   undone->table->name);
    for (int i = 0; i < PQntuples(later); i++)
        n += add_of(batch, undone, later, i);
    if (n > 0 && !diff_count(batch->db, undone->table))
        die_message(EXIT_CONNECTION, "lost the connection to the server");
    db_set_context(batch->db, NULL);
}

/* ---- what they have changed of those that are listed */

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

static void
find_shared(LoadBatch *batch, const RollbackTable *undone, const PGresult *later, int i,
            ConflictList *list)
{
    int *numbers =
        read_numbers(PQgetvalue(later, i, LATER_NUMBERS), undone->table->key->n_parts);
    char *sql = rollback_query_shared(undone, PQgetvalue(later, i, LATER_QNAME), numbers,
                                      MAX_LISTED);
    PGresult *records;

    check_later_trust(batch, later, i);
    records = db_query(batch->db, sql);
    note_shared(batch, records, PQgetvalue(later, i, LATER_WHAT), list);
    PQclear(records);
    free(numbers);
    free(sql);
}

void
rollback_later_find(LoadBatch *batch, const RollbackTable *undone, const PGresult *later,
                    ConflictList *list)
{
    for (int i = 0; i < PQntuples(later) && list->n_items > 0; i++)
        find_shared(batch, undone, later, i, list);
}
