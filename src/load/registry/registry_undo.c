/* The table undo and the undo tables, for --status and --gc. */
#include <stdio.h>
#include <stdlib.h>

#include "base/die.h"
#include "base/display.h"
#include "base/log.h"
#include "base/mem.h"
#include "db/db.h"
#include "load/registry/registry_internal.h"

/* The table undo in SQL, owned by the caller; NULL: there is none. */
static char *
find_undo(Db *db, const char *schema_name)
{
    PGresult *result;
    Diag diag = {0};

    if (registry_trust(db, schema_name, "{undo}", NULL, &diag) == TRUST_FOREIGN)
        die(EXIT_SERVER, &diag);
    result = db_query_params(db,
                             "SELECT pg_catalog.to_regclass(pg_catalog.quote_ident("
                             "$1::pg_catalog.text)"
                             " OPERATOR(pg_catalog.||) '.undo')::pg_catalog.text",
                             1, &schema_name);
    return db_query_take_value(result);
}

PGresult *
registry_undo_list(Db *db, const char *schema_name, const char *batch_id)
{
    const char *values[] = {schema_name, batch_id};
    char *undo = find_undo(db, schema_name);
    char *sql;
    PGresult *result;

    if (undo == NULL)
        return NULL;
    sql = mem_format(
        "SELECT COALESCE(u.batch_id, ''), u.run_id, u.table_name,\n"
        "       CASE WHEN u.undone_at IS NOT NULL THEN 'rolled back' ELSE 'kept' END,\n"
        "       u.n_rows,\n"
        "       COALESCE(pg_catalog.pg_size_pretty("
        "pg_catalog.pg_total_relation_size(c.oid)), ''),\n"
        "       pg_catalog.date_trunc('second', pg_catalog.clock_timestamp()\n"
        "         OPERATOR(pg_catalog.-) u.committed_at),\n"
        "       COALESCE((SELECT pg_catalog.string_agg(DISTINCT\n"
        "                          pg_catalog.format_type(t.oid, NULL), ', ')\n"
        "                   FROM pg_catalog.pg_attribute AS a\n"
        "                        JOIN pg_catalog.pg_type AS t\n"
        "                          ON t.oid OPERATOR(pg_catalog.=) a.atttypid\n"
        "                  WHERE a.attrelid OPERATOR(pg_catalog.=) c.oid\n"
        "                    AND a.attnum OPERATOR(pg_catalog.>) 0\n"
        "                    AND t.typnamespace OPERATOR(pg_catalog.<>)\n"
        "                        'pg_catalog'::pg_catalog.regnamespace), '')\n"
        "  FROM %s AS u\n"
        "       LEFT JOIN (pg_catalog.pg_class AS c\n"
        "                  JOIN pg_catalog.pg_namespace AS n\n"
        "                    ON n.oid OPERATOR(pg_catalog.=) c.relnamespace\n"
        "                       AND n.nspname OPERATOR(pg_catalog.=) $1)\n"
        "         ON c.relname OPERATOR(pg_catalog.=) u.undo_table\n"
        " WHERE (c.oid IS NOT NULL OR u.undone_at IS NOT NULL)\n"
        "   AND ($2::pg_catalog.text IS NULL OR u.batch_id OPERATOR(pg_catalog.=) $2)\n"
        " ORDER BY u.undo_id",
        undo);
    result = db_query_params(db, sql, 2, values);
    free(sql);
    free(undo);
    return result;
}

/* Old undo tables and those of what is rolled back, with their ids and what to say. */
static PGresult *
query_old(Db *db, const char *undo, const char *schema_name, const char *older_than)
{
    const char *values[] = {schema_name, older_than};
    char *sql = mem_format(
        "SELECT u.undo_id,\n"
        "       pg_catalog.format('%%I.%%I', $1::pg_catalog.text, u.undo_table),\n"
        "       pg_catalog.concat(\n"
        "         COALESCE('batch ' OPERATOR(pg_catalog.||) u.batch_id,\n"
        "                  pg_catalog.concat('run ', u.run_id)),\n"
        "         CASE WHEN u.undone_at IS NULL THEN ' cannot be rolled back any more'\n"
        "              ELSE ' is rolled back' END),\n"
        "       u.table_name\n"
        "  FROM %s AS u\n"
        " WHERE u.undo_table IS NOT NULL\n"
        "   AND (u.undone_at IS NOT NULL\n"
        "        OR u.committed_at OPERATOR(pg_catalog.<)\n"
        "           (pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-)"
        " $2::pg_catalog.interval))\n"
        " ORDER BY u.undo_id",
        undo);
    PGresult *result = db_query_params(db, sql, 2, values);

    free(sql);
    return result;
}

/* Both in one transaction, since it is one query string. */
static bool
drop_undo(Db *db, const char *undo, const PGresult *old, int i)
{
    const char *qname = PQgetvalue(old, i, 1);
    char *sql = mem_format("DROP TABLE IF EXISTS %s;\n"
                           "UPDATE %s AS u SET undo_table = NULL\n"
                           " WHERE u.undo_id OPERATOR(pg_catalog.=) %s",
                           qname, undo, PQgetvalue(old, i, 0));
    PGresult *result = db_try(db, sql);
    bool is_done = db_succeeded(result);

    if (is_done)
        display(stdout, "dropped %s: %s (table %s)\n", qname, PQgetvalue(old, i, 2),
                PQgetvalue(old, i, 3));
    else
        log_warning("could not drop %s: %s", qname,
                    PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY));
    PQclear(result);
    free(sql);
    return is_done;
}

int
registry_undo_collect(Db *db, const char *schema_name, const char *older_than)
{
    char *undo = find_undo(db, schema_name);
    PGresult *old;
    int n_failed = 0;

    if (undo == NULL)
        return 0;
    old = query_old(db, undo, schema_name, older_than);
    for (int i = 0; i < PQntuples(old); i++)
        n_failed += drop_undo(db, undo, old, i) ? 0 : 1;
    PQclear(old);
    free(undo);
    return n_failed;
}
