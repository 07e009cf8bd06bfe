#include "load/commit/fold.h"

#include <stdlib.h>

#include "base/mem.h"
#include "db/db.h"
#include "load/load_session.h"
#include "load/registry/registry.h"

static void
execute_free(Db *db, char *sql)
{
    db_execute(db, sql);
    free(sql);
}

static void
create_folded(LoadBatch *batch, LoadTable *table)
{
    bool is_temporary = batch->stage_kind == STAGE_TEMPORARY;
    char *comment;

    table->folded = registry_name_table(batch, table->target->relation->name, "folded");
    comment = registry_format_comment(batch, table, table->folded, "folded");
    execute_free(batch->db,
                 mem_format("CREATE %s TABLE %s %sAS\nSELECT * FROM %s WITH NO DATA;\n%s",
                            is_temporary ? "TEMPORARY" : "UNLOGGED", table->folded,
                            is_temporary ? "ON COMMIT DROP " : "", table->stage,
                            comment));
    free(comment);
}

void
fold_build(LoadBatch *batch, LoadTable *table)
{
    if (!table->has_folds)
        return;
    if (table->folded == NULL)
        create_folded(batch, table);
    else
        execute_free(batch->db, mem_format("DELETE FROM %s", table->folded));
    execute_free(batch->db, fold_query(table, false));
    load_session_analyze(batch->db, table->folded);
}
