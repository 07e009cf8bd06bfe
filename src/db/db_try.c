#include "db/db_internal.h"

PGresult *
db_try(Db *db, const char *sql)
{
    return db_try_counting(db, sql, NULL);
}

PGresult *
db_try_counting(Db *db, const char *sql, uint64_t *n_inserted)
{
    db_post_or_die(db, sql);
    return db_collect_result(db, n_inserted);
}
