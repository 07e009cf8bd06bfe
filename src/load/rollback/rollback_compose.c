/* A part of rollback.h: the composed tables. */
#include <stdlib.h>

#include "base/mem.h"
#include "db/db.h"
#include "load/load_session.h"
#include "load/registry/registry.h"
#include "load/rollback/rollback_query.h"

#define COMPOSED_WHAT "rollback"

static void
describe_composed(LoadBatch *batch, LoadTable *table)
{
    char *sql = mem_format("SELECT pg_catalog.count(*) FROM %s", table->stage);
    char *count = db_query_value(batch->db, sql);

    table->n_staged = strtoll(count, NULL, 10);
    registry_describe(batch, table, table->stage, COMPOSED_WHAT);
    free(count);
    free(sql);
}

static void
compose_table(LoadBatch *batch, RollbackTable *undone)
{
    LoadTable *table = undone->table;
    char *select = rollback_query_compose(undone);
    char *comment;
    char *sql;

    table->stage =
        registry_name_table(batch, table->target->relation->name, COMPOSED_WHAT);
    comment = registry_format_comment(batch, table, table->stage, COMPOSED_WHAT);
    sql =
        mem_format("CREATE UNLOGGED TABLE %s AS\n%s;\n%s", table->stage, select, comment);
    db_set_context(batch->db, "could not read what was changed in table %s", table->name);
    db_execute(batch->db, sql);
    describe_composed(batch, table);
    free(sql);
    load_session_analyze(batch->db, table->stage);
    db_set_context(batch->db, NULL);
    free(comment);
    free(select);
}

void
rollback_compose(LoadBatch *batch)
{
    bool is_forced = batch->settings->rollback_conflicts == ROLLBACK_FORCE;

    for (int i = 0; i < batch->rollback->n_tables; i++)
    {
        RollbackTable *undone = &batch->rollback->tables[i];
        char *select;

        compose_table(batch, undone);
        select = rollback_query_diff(undone, is_forced);
        undone->table->diff_select = arena_copy_string(batch->arena, select);
        free(select);
    }
}
