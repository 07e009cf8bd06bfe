/*
 * A part of check.h: rows that a rollback restores or inserts again, against the rest of
 * the database, which can have changed since they were there.
 */
#include <stdlib.h>

#include "base/plural.h"
#include "load/check/check_internal.h"

static void
check_restored_references(LoadBatch *batch, const LoadTable *table, Findings *findings)
{
    const Catalog *catalog = batch->catalog;
    PQExpBufferData sql;

    initPQExpBuffer(&sql);
    for (int i = 0; i < catalog->n_foreign_keys; i++)
    {
        const ForeignKey *foreign_key = &catalog->foreign_keys[i];
        int64_t n;

        if (!check_references_can(batch, table, foreign_key))
            continue;
        resetPQExpBuffer(&sql);
        check_query_references_orphans(&sql, catalog, table, foreign_key,
                                       batch_find_table(batch, foreign_key->referenced));
        n = check_records_count(batch->db, sql.data);
        if (n > 0)
            findings_add(findings, NULL,
                         "%s: %lld row%s to be restored %s to rows of %s that do not "
                         "exist (foreign key \"%s\")",
                         table->name, (long long)n, plural(n),
                         plural_choose(n, "refers", "refer"),
                         catalog->relations[foreign_key->referenced].qname,
                         foreign_key->name);
    }
    termPQExpBuffer(&sql);
}

static void
check_restored_keys(LoadBatch *batch, const LoadTable *table, Findings *findings)
{
    PQExpBufferData sql;

    initPQExpBuffer(&sql);
    for (int i = 0; i < table->target->n_keys; i++)
    {
        const TargetKey *key = &table->target->keys[i];
        int64_t n;

        if (!check_keys_can(table, key))
            continue;
        resetPQExpBuffer(&sql);
        check_query_keys_unique(&sql, table, key, true);
        n = check_records_count(batch->db, sql.data);
        if (n > 0)
            findings_add(
                findings, NULL,
                "%s: %lld row%s to be restored %s values that other rows have in "
                "unique key \"%s\"",
                table->name, (long long)n, plural(n), plural_choose(n, "has", "have"),
                key->name);
    }
    termPQExpBuffer(&sql);
}

/* Rows that refer to rows that are deleted first are deleted before these. */
static void
spread_deleting_first(LoadBatch *batch)
{
    const Catalog *catalog = batch->catalog;
    bool is_growing = true;

    while (is_growing)
    {
        is_growing = false;
        for (int i = 0; i < catalog->n_foreign_keys; i++)
        {
            const ForeignKey *foreign_key = &catalog->foreign_keys[i];
            const LoadTable *referenced =
                batch_find_table(batch, foreign_key->referenced);
            LoadTable *referencing = batch_find_table(batch, foreign_key->referencing);

            if (referenced == NULL || !referenced->is_deleting_first ||
                referencing == NULL || referencing->is_deleting_first)
                continue;
            is_growing = referencing->is_deleting_first = true;
        }
    }
}

void
check_restored(LoadBatch *batch, Findings *findings)
{
    for (int i = 0; i < batch->n_tables; i++)
    {
        LoadTable *table = &batch->tables[i];

        check_references_absent(batch, table, findings);
        check_references_moved(batch, table, findings);
        check_restored_references(batch, table, findings);
        check_restored_keys(batch, table, findings);
        check_keys_taken(batch, table, findings);
    }
    spread_deleting_first(batch);
}
