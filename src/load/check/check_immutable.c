/*
 * A part of check_rows(): records with another value for an immutable column than the
 * row has. The row keeps its value in any case (effective.h), also where it is NULL; here
 * such records are counted, shown or rejected.
 *
 * The row is that of the target, or for a key that is new that of the first record, if
 * the batch has several.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/plural.h"
#include "db/db.h"
#include "load/check/check_internal.h"

enum
{
    MAX_SHOWN = 3, /* of each column */
    QUOTE = '\''   /* in the messages of the original program */
};

/* ---- kept */

static void
show_change(LoadBatch *batch, const LoadTable *table, const char *name,
            const PGresult *result, int row)
{
    char *where =
        check_records_describe(batch, strtoll(PQgetvalue(result, row, 0), NULL, 10));

    log_warning("%s: Attempted to change immutable field %c%s%c: %s -> %s (%s)",
                table->name, QUOTE, name, QUOTE, PQgetvalue(result, row, 1),
                PQgetvalue(result, row, 2), where);
    free(where);
}

static void
show_changes(LoadBatch *batch, LoadTable *table, int column, const char *changes,
             int64_t n)
{
    const char *name = table->target->relation->columns[column].name;
    PQExpBufferData sql;
    PGresult *result;

    initPQExpBuffer(&sql);
    check_query_immutable_shown(&sql, changes, MAX_SHOWN);
    result = db_query(batch->db, sql.data);
    for (int i = 0; i < PQntuples(result); i++)
        show_change(batch, table, name, result, i);
    if (n > MAX_SHOWN)
        log_warning("%s: %" PRId64 " more record%s would change immutable field %c%s%c",
                    table->name, n - MAX_SHOWN, plural(n - MAX_SHOWN), QUOTE, name,
                    QUOTE);
    table->counts.immutable_conflicts += n;
    PQclear(result);
    termPQExpBuffer(&sql);
}

/* ---- rejected */

/* The next field of a line of COPY text, which ends there; "" after the last one. */
static char *
cut_field(char **rest)
{
    char *field = *rest;
    size_t length = strcspn(field, "\t");

    *rest = field[length] != '\0' ? field + length + 1 : field + length;
    field[length] = '\0';
    return field;
}

/* The line: record, old value, new value, and the record. */
static void
reject_change(LoadTable *table, Rejects *rejects, char *line, Reject *reject)
{
    char *rest = line;
    const char *record = cut_field(&rest);
    const char *old = cut_field(&rest);
    const char *new = cut_field(&rest);
    char *reason = mem_format("Immutable field %c%s%c changed: %s -> %s", QUOTE,
                              reject->column, QUOTE, old, new);

    reject->record = strtoll(record, NULL, 10);
    reject->reason = reason;
    reject->raw = rest;
    rejects_add(rejects, reject);
    table->counts.immutable_conflicts++;
    free(reason);
}

static void
reject_changes(LoadBatch *batch, LoadTable *table, int column, const char *changes,
               Rejects *rejects)
{
    Reject reject = {.table = batch_get_index(batch, table),
                     .kind = REJECT_CHECK,
                     .column = table->target->relation->columns[column].name};
    PQExpBufferData sql;
    char *line;

    initPQExpBuffer(&sql);
    check_query_immutable_read(&sql, table, changes);
    db_copy_begin(batch->db, sql.data);
    while (db_copy_row(batch->db, &line) >= 0)
        reject_change(table, rejects, line, &reject);
    resetPQExpBuffer(&sql);
    check_query_immutable_records(&sql, changes);
    (void)check_records_exclude(batch, table, sql.data, 'e');
    termPQExpBuffer(&sql);
}

void
check_immutable(LoadBatch *batch, LoadTable *table, ImmutableBase base, Rejects *rejects)
{
    PQExpBufferData sql;

    if (table->rules == NULL || !table->rules->has_immutable ||
        table->settings->strategy == STRATEGY_INSERT_ONLY ||
        table->settings->conflict == CONFLICT_SKIP)
        return;
    initPQExpBuffer(&sql);
    for (int i = 0; i < table->n_columns; i++)
    {
        int64_t n;

        if (!table->rules->is_immutable[table->columns[i]])
            continue;
        resetPQExpBuffer(&sql);
        check_query_immutable(&sql, table, base, table->columns[i]);
        n = check_records_count(batch->db, sql.data);
        if (n > 0 && table->settings->is_immutable_rejected)
            reject_changes(batch, table, table->columns[i], sql.data, rejects);
        else if (n > 0)
            show_changes(batch, table, table->columns[i], sql.data, n);
    }
    termPQExpBuffer(&sql);
}
