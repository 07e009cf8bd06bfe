/*
 * A part of check.h: rows of other tables that refer to rows to be deleted.
 *
 * With a foreign key that has an action for ON DELETE, the DELETE of the commit would
 * delete or change them, which no count of the load would show; with other foreign keys
 * the commit would fail. Rows of other tables of the batch count as they are after it.
 */
#include <stdlib.h>

#include "base/plural.h"
#include "load/check/check_internal.h"

static const char *
describe_action(char action)
{
    switch (action)
    {
        case 'c':
            return "ON DELETE CASCADE would delete them, too";
        case 'n':
            return "ON DELETE SET NULL would change them";
        case 'd':
            return "ON DELETE SET DEFAULT would change them";
        case 'r':
            return "ON DELETE RESTRICT forbids it";
        default:
            return "the foreign key forbids it";
    }
}

static bool
is_passed_on(char action)
{
    return action == 'c' || action == 'n' || action == 'd';
}

/* All rows are deleted, and most are inserted again before a deferred key is checked. */
static bool
is_row_restored(const LoadTable *table, const TargetReference *reference)
{
    return table->diff == NULL && reference->on_delete == 'a' && reference->is_deferrable;
}

static char *
format_count(const LoadBatch *batch, const LoadTable *table,
             const ForeignKey *foreign_key)
{
    const LoadTable *referencing = batch_find_table(batch, foreign_key->referencing);
    PQExpBufferData sql;

    initPQExpBuffer(&sql);
    check_query_references_children(&sql, batch->catalog, table, foreign_key,
                                    referencing);
    return sql.data;
}

char *
check_children_query(const LoadBatch *batch, const LoadTable *table,
                     const TargetReference *reference)
{
    if (!is_passed_on(reference->on_delete) || batch->settings->allow_cascade)
        return NULL;
    return format_count(batch, table, reference->foreign_key);
}

static void
check_reference(LoadBatch *batch, const LoadTable *table,
                const TargetReference *reference, Findings *findings)
{
    const ForeignKey *foreign_key = reference->foreign_key;
    char *sql;
    int64_t n;

    if ((is_passed_on(reference->on_delete) && batch->settings->allow_cascade) ||
        is_row_restored(table, reference))
        return;
    sql = format_count(batch, table, foreign_key);
    n = check_records_count_rows(batch->db, sql);
    if (n > 0)
        findings_add(findings,
                     is_passed_on(reference->on_delete)
                         ? "Use --allow-cascade to allow that."
                     : table->diff == NULL
                         ? "With --apply=diff only rows that are missing in the input "
                           "are deleted."
                         : NULL,
                     "%s: %lld row%s of %s %s to rows that would be deleted, and %s "
                     "(foreign key \"%s\")",
                     table->name, (long long)n, plural(n), foreign_key->referencing_qname,
                     plural_choose(n, "refers", "refer"),
                     describe_action(reference->on_delete), foreign_key->name);
    free(sql);
}

static void
check_truncated(const LoadBatch *batch, const LoadTable *table, Findings *findings)
{
    for (int i = 0; i < table->target->n_references; i++)
    {
        const ForeignKey *foreign_key = table->target->references[i].foreign_key;
        const LoadTable *referencing = batch_find_table(batch, foreign_key->referencing);

        if (referencing == NULL || referencing->apply != APPLY_TRUNCATE)
            findings_add(findings, "Use --apply=diff, or truncate both in one run.",
                         "cannot truncate %s: %s refers to it (foreign key \"%s\")",
                         table->name, foreign_key->referencing_qname, foreign_key->name);
    }
}

static bool
has_deletes(const LoadTable *table)
{
    return batch_is_deleting(table) && (table->diff == NULL || table->ops.deletes > 0);
}

void
check_children(LoadBatch *batch, Findings *findings)
{
    for (int i = 0; i < batch->n_tables; i++)
    {
        const LoadTable *table = &batch->tables[i];

        if (table->apply == APPLY_TRUNCATE)
            check_truncated(batch, table, findings);
        else if (table->apply != APPLY_SWAP && table->target->n_references > 0 &&
                 has_deletes(table))
        {
            for (int j = 0; j < table->target->n_references; j++)
                check_reference(batch, table, &table->target->references[j], findings);
        }
    }
}
