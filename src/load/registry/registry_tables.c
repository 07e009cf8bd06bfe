#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/log.h"
#include "base/mem.h"
#include "db/db.h"
#include "load/registry/registry_internal.h"

typedef struct RegistryTable
{
    char *qname;
    bool is_adopted; /* created by another run: not dropped after an error */
} RegistryTable;

static struct
{
    const LoadBatch *batch;
    RegistryTable *items;
    size_t n_items;
    size_t capacity;
    bool is_kept;
} own_tables;

/*
 * Does not end the program, and does not wait for long. The settings of the session are
 * unchanged afterwards, since the load can continue in another way.
 */
static bool
drop_over(Db *db, bool is_exit)
{
    bool is_done = true;

    for (size_t i = 0; i < own_tables.n_items; i++)
    {
        RegistryTable *table = &own_tables.items[i];
        char *sql;

        if (table->qname == NULL || (is_exit && table->is_adopted))
            continue;
        sql = mem_format("SET LOCAL lock_timeout = '20s';\n"
                         "SET LOCAL statement_timeout = '25s';\n"
                         "DROP TABLE IF EXISTS %s",
                         table->qname);
        if (is_done && db_attempt(db, sql))
        {
            free(table->qname);
            table->qname = NULL;
        }
        else
            is_done = false;
        free(sql);
    }
    return is_done;
}

static void
drop_noted(bool is_exit)
{
    static const char *const settings[] = {"default_transaction_read_only", "off",
                                           "client_min_messages", "warning", NULL};
    const LoadBatch *batch = own_tables.batch;
    Db *other = NULL;
    bool is_done = false;

    if (batch == NULL || own_tables.is_kept || own_tables.n_items == 0)
        return;
    own_tables.batch = NULL; /* an error in here must not call this again */
    if (db_recover(batch->db))
        is_done = drop_over(batch->db, is_exit);
    if (!is_done && batch->db != NULL)
    {
        other = db_connect_try_again(batch->db);
        is_done = other != NULL && db_session_attempt_set(other, settings) &&
                  drop_over(other, is_exit);
        db_close(other);
    }
    if (!is_done)
        log_warning_hint("Use \"pg-sample-load --gc\" to drop them.",
                         "could not drop the staging tables of this run");
    else if (!is_exit)
        own_tables.n_items = 0;
    own_tables.batch = batch;
}

static void
drop_at_exit(void)
{
    drop_noted(true);
}

void
registry_tables_note(const LoadBatch *batch, const char *qname, bool is_adopted)
{
    static bool is_registered;

    if (!is_registered && atexit(drop_at_exit) != 0)
        die_message(EXIT_OUTPUT, "could not register the clean-up");
    is_registered = true;
    own_tables.batch = batch;
    MEM_GROW(own_tables.items, own_tables.capacity, own_tables.n_items);
    own_tables.items[own_tables.n_items++] =
        (RegistryTable){.qname = mem_copy_string(qname), .is_adopted = is_adopted};
}

void
registry_tables_drop(void)
{
    drop_noted(false);
}

void
registry_tables_keep(LoadBatch *batch)
{
    own_tables.is_kept = true;
    for (size_t i = 0; i < own_tables.n_items; i++)
    {
        const char *qname = own_tables.items[i].qname;
        PGresult *result = db_query_params(
            batch->db,
            "SELECT pg_catalog.format('COMMENT ON TABLE %s IS %L',"
            " $1::pg_catalog.text, pg_catalog.obj_description("
            "pg_catalog.to_regclass($1), 'pg_class')::pg_catalog.jsonb"
            " OPERATOR(pg_catalog.||) '{\"state\": \"kept\"}'::pg_catalog.jsonb)"
            " WHERE pg_catalog.to_regclass($1) IS NOT NULL",
            1, &qname);

        if (PQntuples(result) > 0)
            db_execute(batch->db, PQgetvalue(result, 0, 0));
        PQclear(result);
    }
}
