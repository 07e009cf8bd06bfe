/* A part of rollback.h: what the commit writes. Pure: no server, no output. */
#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#include "base/copytext.h"
#include "load/rollback/rollback.h"

static void
append_undo_ids(PQExpBuffer sql, const Rollback *rollback)
{
    appendPQExpBufferStr(sql, "'{");
    for (int i = 0; i < rollback->n_rows; i++)
        appendPQExpBuffer(sql, "%s%" PRId64, i > 0 ? "," : "", rollback->rows[i].id);
    appendPQExpBufferStr(sql, "}'::pg_catalog.int8[]");
}

char *
rollback_format_undone(const LoadBatch *batch)
{
    PQExpBufferData sql;

    initPQExpBuffer(&sql);
    appendPQExpBuffer(&sql,
                      "UPDATE %s.undo AS u SET\n"
                      "       (undone_at, undone_by)\n"
                      "     = ROW (pg_catalog.clock_timestamp(), ",
                      batch->schema);
    copytext_append_string(&sql, batch->run_id, strlen(batch->run_id));
    appendPQExpBufferStr(&sql, "::pg_catalog.uuid)\n"
                               " WHERE u.undone_at IS NULL\n"
                               "   AND u.undo_id OPERATOR(pg_catalog.=) ANY (");
    append_undo_ids(&sql, batch->rollback);
    appendPQExpBufferChar(&sql, ')');
    return sql.data;
}

char *
rollback_format_drop(const LoadBatch *batch)
{
    const Rollback *rollback = batch->rollback;
    PQExpBufferData sql;
    bool has_any = false;

    initPQExpBuffer(&sql);
    for (int i = 0; i < rollback->n_rows; i++)
    {
        if (rollback->rows[i].qname == NULL)
            continue;
        appendPQExpBuffer(&sql, "%s%s", has_any ? ", " : "DROP TABLE IF EXISTS ",
                          rollback->rows[i].qname);
        has_any = true;
    }
    if (!has_any)
    {
        termPQExpBuffer(&sql);
        return NULL;
    }
    appendPQExpBuffer(&sql,
                      ";\nUPDATE %s.undo AS u SET undo_table = NULL\n"
                      " WHERE u.undo_id OPERATOR(pg_catalog.=) ANY (",
                      batch->schema);
    append_undo_ids(&sql, rollback);
    appendPQExpBufferChar(&sql, ')');
    return sql.data;
}

char *
rollback_format_state(const LoadBatch *batch)
{
    const Rollback *rollback = batch->rollback;
    PQExpBufferData sql;

    initPQExpBuffer(&sql);
    appendPQExpBuffer(&sql,
                      "UPDATE %s.batch AS b SET state = 'rolled_back'\n"
                      " WHERE b.state OPERATOR(pg_catalog.=) 'committed'\n"
                      "   AND b.batch_id OPERATOR(pg_catalog.=) ",
                      batch->schema);
    copytext_append_string(&sql, rollback->batch_id, strlen(rollback->batch_id));
    if (rollback->run != NULL)
    {
        /* the last run has kept undo, and nothing is left of any run */
        appendPQExpBuffer(&sql,
                          "\n   AND EXISTS (\n"
                          "         SELECT FROM %s.undo AS u\n"
                          "          WHERE u.run_id OPERATOR(pg_catalog.=) b.run_id\n"
                          "            AND u.table_name OPERATOR(pg_catalog.=) "
                          "b.table_name)"
                          "\n   AND NOT EXISTS (\n"
                          "         SELECT FROM %s.undo AS u\n"
                          "          WHERE u.batch_id OPERATOR(pg_catalog.=) b.batch_id\n"
                          "            AND u.table_name OPERATOR(pg_catalog.=) "
                          "b.table_name\n"
                          "            AND u.undone_at IS NULL\n"
                          "            AND u.n_rows OPERATOR(pg_catalog.>) 0)",
                          batch->schema, batch->schema);
    }
    return sql.data;
}
