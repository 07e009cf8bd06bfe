#include "db/db_internal.h"

PGresult *
db_try(Db *db, const char *sql)
{
    return db_try_counting(db, sql, NULL, 0);
}

PGresult *
db_try_counting(Db *db, const char *sql, uint64_t *counts, int n)
{
    db_post_or_die(db, sql);
    return db_collect_result(db, counts, n);
}
