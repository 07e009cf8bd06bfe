/*
 * Tables in the search_path that are used instead of the loader's own. They belong to
 * others, so that they are used only if who could have put code into them is trusted
 * anyway (src/sql/load_other_table.sql).
 */
#include "base/arena.h"
#include "base/die.h"
#include "db/db.h"
#include "db/row.h"
#include "db/sql_text.h"
#include "load/registry/registry.h"

const char *
registry_other_find(LoadBatch *batch, const char *name, const char *columns,
                    const char *privileges)
{
    const char *values[] = {name, columns, privileges, batch->settings->schema_name};
    PGresult *result = db_query_params(batch->db, sql_load_other_table, 4, values);
    RowReader row = row_reader(result);
    const char *qname = NULL;

    if (row_next(&row))
    {
        const char *problem;

        qname = arena_copy_string(batch->arena, row_text(&row));
        problem = row_text(&row);
        if (problem != NULL)
            die_hint(EXIT_SERVER,
                     "It is in the search_path of the connection; without it there, the "
                     "rows can be loaded.",
                     "table %s cannot be used: %s", qname, problem);
    }
    PQclear(result);
    return qname;
}
