#include "load/check/check_records.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "db/db.h"
#include "load/registry/registry.h"

CheckTable
check_records_view(const LoadTable *table)
{
    return (CheckTable){.target = table->target,
                        .settings = table->settings,
                        .columns = table->columns,
                        .n_columns = table->n_columns,
                        .key = table->key,
                        .timestamp = table->timestamp,
                        .scope_condition = table->scope_condition,
                        .stage = table->stage,
                        .excluded = table->has_excluded ? table->excluded : NULL,
                        .diff = table->diff};
}

LoadTable *
check_records_find_table(const LoadBatch *batch, int relation)
{
    for (int i = 0; i < batch->n_tables; i++)
    {
        if (batch->tables[i].target->relation_index == relation)
            return &batch->tables[i];
    }
    return NULL;
}

int64_t
check_records_count_rows(Db *db, const char *sql)
{
    PGresult *result = db_query_row(db, sql);
    int64_t count = strtoll(PQgetvalue(result, 0, 0), NULL, 10);

    PQclear(result);
    return count;
}

int64_t
check_records_count(Db *db, const char *records)
{
    PQExpBufferData sql;
    int64_t count;

    initPQExpBuffer(&sql);
    check_query_count(&sql, records);
    count = check_records_count_rows(db, sql.data);
    termPQExpBuffer(&sql);
    return count;
}

int64_t
check_records_execute(Db *db, const char *sql)
{
    PGresult *result = db_try(db, sql);
    int64_t n;

    if (!db_succeeded(result))
        db_die(db, result, NULL);
    n = strtoll(PQcmdTuples(result), NULL, 10);
    PQclear(result);
    return n;
}

char *
check_records_describe(const LoadBatch *batch, int64_t record)
{
    int64_t source = record >> RECORD_BITS;
    long long number = record & (((int64_t)1 << RECORD_BITS) - 1);
    const char *name;

    if (source < 0 || source >= batch->n_sources)
        return mem_format("record %lld", number);
    name = batch->sources[source].name;
    return mem_format("%s, record %lld", strcmp(name, "-") == 0 ? "standard input" : name,
                      number);
}

void
check_records_reject(LoadBatch *batch, LoadTable *table, Rejects *rejects,
                     const char *records, const Reject *like)
{
    const CheckTable view = check_records_view(table);
    PQExpBufferData sql;
    Reject reject = *like;
    char *line;

    reject.table = (int)(table - batch->tables);
    initPQExpBuffer(&sql);
    check_query_read(&sql, &view, records);
    db_copy_begin(batch->db, sql.data);
    while (db_copy_row(batch->db, &line) >= 0)
    {
        char *raw;

        reject.record = strtoll(line, &raw, 10);
        reject.raw = *raw == '\t' ? raw + 1 : NULL;
        rejects_add(rejects, &reject);
    }
    termPQExpBuffer(&sql);
}

static void
create_excluded(LoadBatch *batch, LoadTable *table)
{
    bool is_temporary = batch->stage_kind == STAGE_TEMPORARY;
    char *comment;
    char *sql;

    if (table->excluded == NULL)
        table->excluded =
            registry_name_table(batch, table->target->relation->name, "excluded");
    comment = registry_format_comment(batch, table, table->excluded, "excluded");
    sql = mem_format("CREATE %s TABLE %s (record pg_catalog.int8 NOT NULL,"
                     " reason pg_catalog.\"char\" NOT NULL);\n%s",
                     is_temporary ? "TEMPORARY" : "UNLOGGED", table->excluded, comment);
    db_execute(batch->db, sql);
    free(sql);
    free(comment);
    table->has_excluded = true;
}

int64_t
check_records_exclude(LoadBatch *batch, LoadTable *table, const char *records,
                      char reason)
{
    PQExpBufferData sql;
    int64_t n;

    if (!table->has_excluded)
        create_excluded(batch, table);
    initPQExpBuffer(&sql);
    check_query_exclude(&sql, table->excluded, records, reason);
    n = check_records_execute(batch->db, sql.data);
    resetPQExpBuffer(&sql);
    appendPQExpBuffer(&sql, "ANALYZE %s", table->excluded);
    db_execute(batch->db, sql.data);
    if (table->diff != NULL)
    {
        const CheckTable view = check_records_view(table);

        resetPQExpBuffer(&sql);
        check_query_remove(&sql, &view);
        db_execute(batch->db, sql.data);
    }
    termPQExpBuffer(&sql);
    return n;
}
