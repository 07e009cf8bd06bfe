/* A part of check.h: what prevents --apply=swap. */
#include <stdlib.h>

#include "base/mem.h"
#include "db/db.h"
#include "db/row.h"
#include "db/sql_text.h"
#include "load/check/check.h"

static void
check_swap_obstacles(LoadBatch *batch, const LoadTable *table, Findings *findings)
{
    static const char hint[] =
        "Use --apply=diff to keep the table and the objects that depend on it.";
    char *oid = mem_format("%u", table->target->relation->oid);
    const char *values[] = {oid};
    PGresult *result = db_query_params(batch->db, sql_load_swap_obstacles, 1, values);
    RowReader reader = row_reader(result);
    int n = PQntuples(result);

    for (int i = 0; row_next(&reader); i++)
        findings_add(findings, i == n - 1 ? hint : NULL,
                     "table %s cannot be replaced by a new one: %s", table->name,
                     row_text(&reader));
    PQclear(result);
    free(oid);
}

void
check_swap(LoadBatch *batch, Findings *findings)
{
    for (int i = 0; i < batch->n_tables; i++)
    {
        const LoadTable *table = &batch->tables[i];

        if (table->apply != APPLY_SWAP)
            continue;
        if (table->settings->mode != MODE_FULL)
            findings_add(findings, "Use --mode=full if the batch is the whole table.",
                         "table %s cannot be replaced by a new one: the batch is only a "
                         "part of it",
                         table->name);
        check_swap_obstacles(batch, table, findings);
    }
}
