#include "load/load_session.h"

#include <stdlib.h>

#include "base/mem.h"
#include "db/sql_text.h"

void
load_session_prepare(Db *db)
{
    db_ask_log_notices(db);
    db_session_set_by_query(db, sql_load_session_settings);
}

void
load_session_set_path(Db *db, const char *search_path)
{
    db_session_set(db, (const char *const[]){"search_path", search_path, NULL});
}

void
load_session_continue(Db *db, const Db *lost, const char *encoding)
{
    db_ask_log_notices(db);
    db_session_set_encoding(db, encoding);
    db_session_copy_settings(db, lost);
}

char *
load_session_get_server_start(Db *db)
{
    return db_query_value(db, "SELECT EXTRACT(epoch FROM "
                              "pg_catalog.pg_postmaster_start_time())::pg_catalog.text");
}

void
load_session_analyze(Db *db, const char *table)
{
    char *sql = mem_format("SET LOCAL default_statistics_target = 10;\n"
                           "ANALYZE %s",
                           table);

    db_execute(db, sql);
    free(sql);
}

void
load_session_show(Db *db, const char *phase)
{
    char *name = mem_format("pg-sample-load: %s", phase);

    /* it is only for those who look at pg_stat_activity */
    (void)db_session_attempt_set(db,
                                 (const char *const[]){"application_name", name, NULL});
    free(name);
}
