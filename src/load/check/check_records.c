#include "load/check/check_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "db/db.h"
#include "load/load_session.h"
#include "load/registry/registry.h"

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
        db_error_die(db, result, NULL);
    n = strtoll(PQcmdTuples(result), NULL, 10);
    PQclear(result);
    return n;
}

char *
check_records_describe(const LoadBatch *batch, int64_t record)
{
    const char *name = batch_get_source_name(batch, record);

    return mem_format("%s, record %lld", strcmp(name, "-") == 0 ? "standard input" : name,
                      (long long)batch_get_record_number(record));
}

void
check_records_reject(LoadBatch *batch, LoadTable *table, Rejects *rejects,
                     const char *records, const Reject *like)
{
    PQExpBufferData sql;
    Reject reject = *like;
    char *line;

    reject.table = batch_get_index(batch, table);
    initPQExpBuffer(&sql);
    check_query_read(&sql, table, records);
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
    load_session_analyze(batch->db, table->excluded);
    if (table->diff != NULL)
    {

        resetPQExpBuffer(&sql);
        check_query_remove(&sql, table);
        db_execute(batch->db, sql.data);
    }
    termPQExpBuffer(&sql);
    return n;
}

int64_t
check_records_remove(LoadBatch *batch, LoadTable *table, Rejects *rejects,
                     const char *records, const Reject *like)
{
    check_records_reject(batch, table, rejects, records, like);
    return check_records_exclude(batch, table, records, 'e');
}
