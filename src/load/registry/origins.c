/*
 * Origins: the databases that loaded samples were made of (Catalog.identity in the header
 * of a dump). The table run has them for each run, so that a warning can be given when a
 * schema gets rows of another database than before: equal keys can be different rows.
 */
#include "load/registry/registry.h"

#include <stdlib.h>
#include <string.h>

#include "base/copytext.h"
#include "base/log.h"
#include "base/mem.h"
#include "db/db.h"
#include "db/row.h"
#include "db/sql_text.h"

static bool
has_both_columns(const LoadBatch *batch)
{
    char *name = mem_format("%s.run", batch->schema);
    const char *values[] = {name};
    PGresult *result = db_query_params(
        batch->db,
        "SELECT FROM pg_catalog.pg_attribute AS a\n"
        " WHERE a.attrelid OPERATOR(pg_catalog.=)"
        " $1::pg_catalog.regclass\n"
        "   AND a.attname OPERATOR(pg_catalog.=) ANY ('{sources,marks}')\n"
        "   AND NOT a.attisdropped",
        1, values);
    bool has_both = PQntuples(result) == 2;

    PQclear(result);
    free(name);
    return has_both;
}

void
origins_prepare(LoadBatch *batch)
{
    char *sql = mem_format("ALTER TABLE %s.run"
                           " ADD COLUMN IF NOT EXISTS sources pg_catalog.text[],"
                           " ADD COLUMN IF NOT EXISTS marks pg_catalog.text[]",
                           batch->schema);

    batch->has_origins = has_both_columns(batch) || db_attempt(batch->db, sql);
    free(sql);
}

void
origins_append(PQExpBuffer sql, const LoadBatch *batch)
{
    if (!batch->has_origins)
        return;
    appendPQExpBufferStr(sql, ", ARRAY[");
    for (int i = 0; i < batch->n_tables; i++)
    {
        const char *origin = batch->tables[i].origin;

        appendPQExpBufferStr(sql, i > 0 ? ", " : "");
        if (origin != NULL)
            copytext_append_string(sql, origin, strlen(origin));
        else
            appendPQExpBufferStr(sql, "NULL");
    }
    appendPQExpBufferStr(sql, "]::pg_catalog.text[]");
}

static bool
has_origin(const LoadBatch *batch)
{
    for (int i = 0; i < batch->n_tables; i++)
    {
        if (batch->tables[i].origin != NULL)
            return true;
    }
    return false;
}

static void
append_run_and_batch(PQExpBuffer sql, const LoadBatch *batch)
{
    appendPQExpBuffer(sql, "WITH run AS (SELECT r.* FROM %s.run AS r),\n", batch->schema);
    appendPQExpBufferStr(sql, "     batch AS (SELECT ARRAY[");
    for (int i = 0; i < batch->n_tables; i++)
    {
        const char *qname = batch->tables[i].qname;

        appendPQExpBufferStr(sql, i > 0 ? ", " : "");
        copytext_append_string(sql, qname, strlen(qname));
    }
    appendPQExpBufferStr(sql, "]::pg_catalog.text[] AS tables");
    origins_append(sql, batch);
    appendPQExpBufferStr(sql, " AS sources)\n");
}

void
origins_warn(const LoadBatch *batch)
{
    PQExpBufferData sql;
    PGresult *result;
    RowReader row;

    if (!batch->has_origins || !has_origin(batch))
        return;
    initPQExpBuffer(&sql);
    append_run_and_batch(&sql, batch);
    appendPQExpBufferStr(&sql, sql_load_origins);
    result = db_query(batch->db, sql.data);
    row = row_reader(result);
    while (row_next(&row))
    {
        const char *schema = row_text(&row);
        const char *time = row_text(&row);
        const char *before = row_text(&row);
        const char *now = row_text(&row);

        log_warning_hint("Equal keys of two databases can be different rows.",
                         "tables of schema \"%s\" were loaded from another database "
                         "before (at %s UTC; source %s, and now %s)",
                         schema, time, before, now);
    }
    PQclear(result);
    termPQExpBuffer(&sql);
}
