/* A part of check_references(): rows that belong to no partition. */
#include <stdlib.h>

#include "base/mem.h"
#include "db/db.h"
#include "db/sql_text.h"
#include "db/sqlstate.h"
#include "load/check/check_internal.h"

/* The condition of all partitions, owned by the caller; NULL: not known. */
static char *
load_condition(Db *db, const Target *target)
{
    char *oid = mem_format("%u", target->relation->oid);
    const char *values[] = {oid};
    PGresult *result = db_query_params(db, sql_load_partitions, 1, values);
    char *condition =
        PQgetisnull(result, 0, 0) ? NULL : mem_copy_string(PQgetvalue(result, 0, 0));

    PQclear(result);
    free(oid);
    return condition;
}

static int64_t
reject_strays(LoadBatch *batch, LoadTable *table, Rejects *rejects, const char *records)
{
    char *reason = mem_format("no partition of table %s found for the row", table->name);
    const Reject reject = {.kind = REJECT_CHECK,
                           .sqlstate = SQLSTATE_CHECK_VIOLATION,
                           .reason = reason};
    int64_t n;

    n = check_records_remove(batch, table, rejects, records, &reject);
    free(reason);
    return n;
}

/* If the values of the partition key are not known before the commit, it checks them. */
int64_t
check_partitions(LoadBatch *batch, LoadTable *table, Rejects *rejects)
{
    const Target *target = table->target;
    PQExpBufferData sql;
    char *condition;
    int64_t n = 0;

    if (target->kind != 'p' || !check_query_can_see(table, target->partition_columns,
                                                    target->n_partition_columns))
        return 0;
    condition = load_condition(batch->db, target);
    if (condition == NULL)
        return 0;
    initPQExpBuffer(&sql);
    check_query_stray(&sql, table, condition);
    db_set_context(batch->db, "could not evaluate the partition constraints of table %s",
                   table->qname);
    if (check_records_count(batch->db, sql.data) > 0)
        n = reject_strays(batch, table, rejects, sql.data);
    db_set_context(batch->db, NULL);
    termPQExpBuffer(&sql);
    free(condition);
    return n;
}
