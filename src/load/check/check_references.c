/*
 * A part of check.h: rows to be written, against the target and the rest of the batch.
 *
 * For a foreign key, a row needs a referenced row that remains in the target or is
 * written by the batch. Rejecting a row can leave others without a referenced row (for
 * example, employees of rejected managers), so all keys are checked again until no row is
 * rejected. Without rejects that is one round.
 */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/plural.h"
#include "db/db.h"
#include "db/sqlstate.h"
#include "load/check/check_internal.h"

enum
{
    VERSION_MOVES_SAFELY = 150000 /* moving a row between partitions fires no ON DELETE */
};

void
check_references_absent(LoadBatch *batch, const LoadTable *table, Findings *findings)
{
    const Relation *relation = table->target->relation;
    PQExpBufferData names;
    PQExpBufferData sql;
    int64_t n;

    initPQExpBuffer(&names);
    for (int i = 0; i < relation->n_columns; i++)
    {
        if (relation->columns[i].is_not_null && !table->target->columns[i].has_default &&
            !batch_has_column(table, i))
            appendPQExpBuffer(&names, "%s\"%s\"", names.len > 0 ? ", " : "",
                              relation->columns[i].name);
    }
    if (names.len == 0)
    {
        termPQExpBuffer(&names);
        return;
    }
    initPQExpBuffer(&sql);
    check_query_references_operations(&sql, table, 'I');
    n = check_records_count_rows(batch->db, sql.data);
    if (n > 0 && table->target->has_insert_trigger)
        log_warning("%s: %lld row%s inserted without %s, NOT NULL and without a "
                    "default: the commit fails unless a trigger sets it",
                    table->name, (long long)n, plural_choose(n, " is", "s are"),
                    names.data);
    else if (n > 0)
        findings_add(findings,
                     batch->rollback != NULL
                         ? "Give the column a default until the rollback is done."
                         : "Add the column to the input, or write only rows that are "
                           "there with --strategy=update_only.",
                     "%s: %lld row%s would be inserted without %s, which is NOT NULL and "
                     "has no default",
                     table->name, (long long)n, plural(n), names.data);
    termPQExpBuffer(&sql);
    termPQExpBuffer(&names);
}

static void
check_other_scopes(LoadBatch *batch, const LoadTable *table, Findings *findings)
{
    PQExpBufferData sql;
    PGresult *result;
    long long n;

    if (table->settings->mode != MODE_SLICE || table->key == NULL)
        return;
    initPQExpBuffer(&sql);
    check_query_keys_foreign_scope(&sql, table);
    result = db_query_row(batch->db, sql.data);
    n = strtoll(PQgetvalue(result, 0, 0), NULL, 10);
    if (n > 0)
        findings_add(findings, "A load of a slice does not change rows of other slices.",
                     "%s: %lld key%s to another slice, for example %s", table->name, n,
                     plural_choose(n, " belongs", "s belong"), PQgetvalue(result, 0, 1));
    PQclear(result);
    termPQExpBuffer(&sql);
}

void
check_references_moved(LoadBatch *batch, const LoadTable *table, Findings *findings)
{
    const Target *target = table->target;
    PQExpBufferData sql;
    int64_t n;

    if (db_server_version(batch->db) >= VERSION_MOVES_SAFELY ||
        !batch_has_any_column(table, target->partition_columns,
                              target->n_partition_columns) ||
        table->target->n_references == 0 || table->key == NULL)
        return;
    initPQExpBuffer(&sql);
    check_query_references_moved(&sql, table);
    n = check_records_count_rows(batch->db, sql.data);
    if (n > 0)
        findings_add(findings,
                     "Before PostgreSQL 15 the server deletes such a row and inserts it "
                     "again, with all that ON DELETE does to rows that refer to it.",
                     "%s: %lld row%s columns of the partition key, and other rows "
                     "refer to the table",
                     table->name, (long long)n, plural_choose(n, " changes", "s change"));
    termPQExpBuffer(&sql);
}

/* PostgreSQL 18 has some that need not hold. */
static bool
is_unenforced(const ForeignKey *foreign_key)
{
    static const char not_enforced[] = " NOT ENFORCED";
    const char *definition = foreign_key->definition;
    size_t length = strlen(definition);

    return length >= strlen(not_enforced) &&
           strcmp(definition + length - strlen(not_enforced), not_enforced) == 0;
}

bool
check_references_can(const LoadBatch *batch, const LoadTable *table,
                     const ForeignKey *foreign_key)
{
    const LoadTable *referenced = batch_find_table(batch, foreign_key->referenced);

    if (foreign_key->referencing != table->target->relation_index ||
        foreign_key->referencing_partition != 0 ||
        foreign_key->referenced_partition != 0 || is_unenforced(foreign_key))
        return false;
    if (!batch_writes_any_column(table, foreign_key->referencing_columns,
                                 foreign_key->n_columns) ||
        !check_query_can_see(table, foreign_key->referencing_columns,
                             foreign_key->n_columns))
        return false;
    /* if new keys are not known, no referenced row is known to be missing */
    return referenced == NULL ||
           check_query_can_prove(referenced, foreign_key->referenced_columns,
                                 foreign_key->n_columns);
}

static int64_t
check_foreign_keys(LoadBatch *batch, LoadTable *table, Rejects *rejects)
{
    PQExpBufferData sql;
    int64_t n_all = 0;

    initPQExpBuffer(&sql);
    for (int i = 0; i < batch->catalog->n_foreign_keys; i++)
    {
        const ForeignKey *foreign_key = &batch->catalog->foreign_keys[i];
        const LoadTable *referenced = batch_find_table(batch, foreign_key->referenced);
        Reject reject = {.kind = REJECT_FK, .sqlstate = SQLSTATE_FOREIGN_KEY_VIOLATION};
        char *reason;

        if (!check_references_can(batch, table, foreign_key))
            continue;
        resetPQExpBuffer(&sql);
        check_query_references_orphans(&sql, batch->catalog, table, foreign_key,
                                       referenced);
        if (check_records_count(batch->db, sql.data) == 0)
            continue;
        reason = mem_format(check_query_references_has_period(foreign_key)
                                ? "rows of %s do not cover its period (foreign key "
                                  "\"%s\")"
                                : "referenced row is missing in %s (foreign key \"%s\")",
                            batch->catalog->relations[foreign_key->referenced].qname,
                            foreign_key->name);
        reject.reason = reason;
        if (foreign_key->n_columns == 1)
            reject.column =
                table->target->relation->columns[foreign_key->referencing_columns[0]]
                    .name;
        n_all += check_records_remove(batch, table, rejects, sql.data, &reject);
        free(reason);
    }
    termPQExpBuffer(&sql);
    return n_all;
}

/* Repeated until no row is rejected: it can be the referenced row of others. */
static void
reject_rows(LoadBatch *batch, Rejects *rejects)
{
    bool is_first = true;
    int64_t n;

    do
    {
        n = 0;
        for (int i = 0; i < batch->n_tables; i++)
        {
            LoadTable *table = &batch->tables[i];

            if (table->stage == NULL)
                continue;
            if (is_first)
                n += check_written(batch, table, rejects) +
                     check_partitions(batch, table, rejects);
            n += check_keys_unique(batch, table, rejects);
            n += check_foreign_keys(batch, table, rejects);
        }
        is_first = false;
    } while (n > 0);
}

void
check_references(LoadBatch *batch, Rejects *rejects, Findings *findings)
{
    if (batch->stage_kind == STAGE_NONE)
        return;
    reject_rows(batch, rejects);
    for (int i = 0; i < batch->n_tables; i++)
    {
        LoadTable *table = &batch->tables[i];

        if (table->stage == NULL)
            continue;
        if (table->diff != NULL)
        {
            check_references_absent(batch, table, findings);
            check_references_moved(batch, table, findings);
        }
        check_other_scopes(batch, table, findings);
        check_keys_taken(batch, table, findings);
    }
}
