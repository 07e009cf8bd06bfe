/*
 * Tables of the loader whose users this one takes over: batch_load_log, which is written
 * instead of the loader's own, and validation_queue.
 */
#include "load/registry/claim.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/copytext.h"
#include "base/die.h"
#include "base/log.h"
#include "base/mem.h"
#include "db/db.h"
#include "db/row.h"
#include "load/registry/registry.h"

/* Of a column of varchar(n) or char(n); 0: any number. */
static int
find_error_size(LoadBatch *batch, const char *log)
{
    PGresult *result =
        db_query_params(batch->db,
                        "SELECT a.atttypmod OPERATOR(pg_catalog.-) 4\n"
                        "  FROM pg_catalog.pg_attribute AS a\n"
                        " WHERE a.attrelid OPERATOR(pg_catalog.=)"
                        " $1::pg_catalog.regclass\n"
                        "   AND a.attname OPERATOR(pg_catalog.=) 'error_message'\n"
                        "   AND a.atttypid OPERATOR(pg_catalog.=) ANY (\n"
                        "         '{pg_catalog.varchar,pg_catalog.bpchar}'\n"
                        "           ::pg_catalog.regtype[])\n"
                        "   AND a.atttypmod OPERATOR(pg_catalog.>) 4",
                        1, &log);
    int size = 0;

    if (PQntuples(result) > 0)
        size = (int)strtol(PQgetvalue(result, 0, 0), NULL, 10);
    PQclear(result);
    return size;
}

void
claim_other_find(LoadBatch *batch)
{
    Claim *claim = batch->claim;
    const char *log =
        registry_other_find(batch, "batch_load_log",
                            "{batch_id,operation,table_name,records_affected,status,"
                            "error_message,loaded_at}",
                            "{INSERT}");

    if (log != NULL)
    {
        claim->log = log;
        claim->log_error_size = find_error_size(batch, log);
    }
    if (claim->is_rollback)
        return;
    claim->queue =
        registry_other_find(batch, "validation_queue",
                            "{batch_id,table_name,status,loaded_at}", "{SELECT,UPDATE}");
    if (claim->queue == NULL && batch->settings->require_queue)
        die_hint(EXIT_SERVER, "It is looked up in the search_path of the connection.",
                 "Batch validation failed: there is no table validation_queue");
}

/* ---- the queue */

static void
append_name(PQExpBuffer sql, const char *name, bool is_first)
{
    appendPQExpBufferStr(sql, is_first ? "" : ", ");
    copytext_append_string(sql, name, strlen(name));
}

/* As the directory is called, and as the table is, with and without its schema. */
static void
append_table_names(PQExpBuffer sql, const LoadBatch *batch)
{
    const Claim *claim = batch->claim;
    bool is_first = true;

    for (int i = 0; i < claim->n_tables; i++)
    {
        const ClaimTable *table = &claim->tables[i];

        if (table->is_loaded)
            continue;
        append_name(sql, table->files.table, is_first);
        append_name(sql, table->name, false);
        append_name(sql, batch->catalog->relations[table->relation].name, false);
        is_first = false;
    }
}

static void
append_batch_entries(PQExpBuffer sql, const Claim *claim)
{
    appendPQExpBufferStr(sql, " WHERE q.batch_id::pg_catalog.text"
                              " OPERATOR(pg_catalog.=) ");
    append_name(sql, claim->id, true);
}

void
claim_other_append(PQExpBuffer sql, const LoadBatch *batch)
{
    append_batch_entries(sql, batch->claim);
    appendPQExpBufferStr(sql, "\n   AND q.table_name::pg_catalog.text"
                              " OPERATOR(pg_catalog.=) ANY (ARRAY[");
    append_table_names(sql, batch);
    appendPQExpBufferStr(sql, "]::pg_catalog.text[])");
}

/* Those that have failed count whatever table they are about. */
static char *
format_entry_count(const LoadBatch *batch, const char *status)
{
    bool is_of_tables = strcmp(status, "pending") == 0;
    PQExpBufferData sql;

    initPQExpBuffer(&sql);
    appendPQExpBuffer(&sql, "SELECT pg_catalog.count(*)\n  FROM %s AS q\n",
                      batch->claim->queue);
    if (is_of_tables)
        claim_other_append(&sql, batch);
    else
        append_batch_entries(&sql, batch->claim);
    appendPQExpBufferStr(&sql, "\n   AND q.status::pg_catalog.text"
                               " OPERATOR(pg_catalog.=) ");
    append_name(&sql, status, true);
    return sql.data;
}

char *
claim_other_format_failed(const LoadBatch *batch)
{
    return batch->claim->queue != NULL ? format_entry_count(batch, "failed") : NULL;
}

static int64_t
count_entries(LoadBatch *batch, const char *status)
{
    char *sql = format_entry_count(batch, status);
    char *count = db_query_value(batch->db, sql);
    int64_t n = strtoll(count, NULL, 10);

    free(count);
    free(sql);
    return n;
}

void
claim_other_check(LoadBatch *batch)
{
    const Claim *claim = batch->claim;
    int64_t n_failed;

    if (claim->queue == NULL)
        return;
    n_failed = count_entries(batch, "failed");
    if (n_failed > 0)
        die_message(EXIT_SERVER,
                    "Batch validation failed: Batch has %" PRId64 " failed validations. "
                    "Review and fix before loading.",
                    n_failed);
    if (count_entries(batch, "pending") == 0 && !batch->settings->is_forced)
        die_hint(EXIT_SERVER,
                 "The entries of the batch must have the status pending; --force loads "
                 "it without.",
                 "Batch validation failed: No pending queue entries for batch %s",
                 claim->id);
}
