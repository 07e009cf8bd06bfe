#include "load/session.h"

#include <stdlib.h>

#include "base/mem.h"
#include "db/sql_text.h"

void
load_session_prepare(Db *db)
{
    db_log_notices(db);
    PQclear(db_query(db, sql_load_session_settings));
}

void
load_session_set_path(Db *db, const char *search_path)
{
    char *literal = db_quote_literal(db, search_path);
    char *sql =
        mem_format("SELECT pg_catalog.set_config('search_path', %s, false)", literal);

    db_execute(db, sql);
    free(sql);
    PQfreemem(literal);
}

char *
load_session_get_server_start(Db *db)
{
    return db_query_value(db, "SELECT EXTRACT(epoch FROM "
                              "pg_catalog.pg_postmaster_start_time())::pg_catalog.text");
}

void
load_session_show(Db *db, const char *phase)
{
    char *name = mem_format("pg-sample-load: %s", phase);
    char *literal = db_quote_literal(db, name);
    char *sql = mem_format("SET application_name = %s", literal);

    (void)db_attempt(db, sql); /* who cannot be told goes without */
    free(sql);
    PQfreemem(literal);
    free(name);
}
