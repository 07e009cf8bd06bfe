#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/die.h"
#include "base/display.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/plural.h"
#include "db/db.h"
#include "load/registry/registry_internal.h"
#include "load/registry/registry_name.h"

/* Returns false if it could not be dropped. */
static bool
drop_listed(Db *db, const RegistryRow *row)
{
    char *sql = mem_format("DROP TABLE IF EXISTS %s", row->qname);
    PGresult *result = db_try(db, sql);
    bool is_done = db_succeeded(result);

    if (is_done)
        display(stdout, "dropped %s (target %s, run %s)\n", row->qname,
                row->target != NULL ? row->target : "unknown",
                row->run != NULL ? row->run : "unknown");
    else
        log_warning("could not drop %s: %s", row->qname,
                    PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY));
    PQclear(result);
    free(sql);
    return is_done;
}

static bool
collect_listed(Db *db, const RegistryRow *row)
{
    bool is_done;

    if (row->is_kept && !row->is_old && (row->n_rows == 0 || !row->is_empty))
    {
        display(stdout, "kept %s (target %s, age %s)\n", row->qname, row->target,
                row->age);
        return true;
    }
    if (row->is_live || (row->run != NULL && !registry_try_lock(db, row->lock)))
    {
        display(stdout, "in use: %s (target %s, run %s)\n", row->qname,
                row->target != NULL ? row->target : "unknown",
                row->run != NULL ? row->run : "unknown");
        return true;
    }
    is_done = drop_listed(db, row);
    if (row->run != NULL)
        registry_unlock(db, row->lock);
    return is_done;
}

void
registry_collect(Db *db, const char *schema_name, const char *older_than)
{
    PGresult *result;
    RowReader reader;
    int n_failed = 0;

    registry_status_prepare(db);
    result = registry_status_list(db, schema_name, older_than);
    reader = row_reader(result);
    if (PQntuples(result) == 0)
        display(stdout, "no staging tables\n");
    while (row_next(&reader))
    {
        RegistryRow row = registry_status_read_row(&reader);

        n_failed += collect_listed(db, &row) ? 0 : 1;
    }
    PQclear(result);
    n_failed += registry_undo_collect(db, schema_name, older_than);
    if (older_than != NULL)
        registry_batches_collect(db, schema_name, older_than);
    if (fflush(stdout) != 0 || ferror(stdout))
        die_errno(EXIT_OUTPUT, "could not write to standard output");
    if (n_failed > 0)
        die_message(EXIT_SERVER, "%d table%s could not be dropped", n_failed,
                    plural(n_failed));
}

/* ---- tables of --stage-only */

/* With or without schema, as --stage-only and --status print it. */
static bool
is_called(const RegistryRow *row, const char *name)
{
    size_t n_name = strlen(row->name);
    size_t length = strlen(name);
    char tail[TABLE_NAME_TAIL_SIZE];
    char own_tail[TABLE_NAME_TAIL_SIZE];

    if (strcmp(row->name, name) == 0 || strcmp(row->qname, name) == 0)
        return true;
    if (length > n_name && strcmp(name + length - n_name, row->name) == 0)
        return name[length - n_name - 1] == '.';
    /* quoted in another way: the end of the name is unique */
    return registry_name_find_tail(name, tail) &&
           registry_name_find_tail(row->name, own_tail) && strcmp(tail, own_tail) == 0;
}

static int64_t
count_staged_rows(Db *db, const char *qname)
{
    char *sql = mem_format("SELECT pg_catalog.count(*) FROM %s", qname);
    char *count = db_query_value(db, sql);
    int64_t n_rows = strtoll(count, NULL, 10);

    free(count);
    free(sql);
    return n_rows;
}

/* Makes this run the owner of the table. */
static void
adopt(LoadBatch *batch, const RegistryRow *row)
{
    const char *values[] = {row->qname, batch->run_id, NULL};
    char *lock = mem_format("%d", registry_get_lock());
    PGresult *result;

    values[2] = lock;
    result = db_query_params(
        batch->db,
        "SELECT pg_catalog.format('COMMENT ON TABLE %s IS %L', $1::pg_catalog.text,\n"
        "  pg_catalog.obj_description($1::pg_catalog.regclass,\n"
        "                             'pg_class')::pg_catalog.jsonb\n"
        "  OPERATOR(pg_catalog.||) pg_catalog.jsonb_build_object(\n"
        "    'run', $2::pg_catalog.text, 'lock', $3::pg_catalog.int4))",
        3, values);
    db_execute(batch->db, PQgetvalue(result, 0, 0));
    PQclear(result);
    free(lock);
    registry_tables_note(batch, row->qname, true);
}

static void
check_staged(const RegistryRow *row, int64_t n_rows)
{
    if (row->what == NULL || strcmp(row->what, "staging") != 0 || !row->is_kept)
        die_hint(EXIT_SERVER, "Use \"pg-sample-load --status\" to list staged tables.",
                 "%s was not staged by --stage-only", row->qname);
    if (n_rows < row->n_rows)
        die_hint(EXIT_SERVER, "Stage the data again, and drop the table with --gc.",
                 "%s has %" PRId64 " of the %" PRId64 " row%s staged: a crash "
                 "of the server empties such tables",
                 row->qname, n_rows, row->n_rows,
                 plural_choose(row->n_rows, " that was", "s that were"));
}

/* The batch's columns of a staging table, in their order. */
static void
read_staged_columns(LoadBatch *batch, StagedLoad *staged)
{
    PGresult *result =
        db_query_params(batch->db,
                        "SELECT a.attname\n"
                        "  FROM pg_catalog.pg_attribute AS a\n"
                        " WHERE a.attrelid OPERATOR(pg_catalog.=)"
                        " $1::pg_catalog.regclass\n"
                        "   AND a.attnum OPERATOR(pg_catalog.>) 0\n"
                        "   AND NOT a.attisdropped\n"
                        "   AND a.attname OPERATOR(pg_catalog.<>) '" RECORD_COLUMN "'\n"
                        " ORDER BY a.attnum",
                        1, &staged->qname);
    int n = PQntuples(result);
    const char **columns = ARENA_ARRAY(batch->arena, n, *columns);

    for (int i = 0; i < n; i++)
        columns[i] = arena_copy_string(batch->arena, PQgetvalue(result, i, 0));
    staged->has_presence = n > 0 && strcmp(columns[n - 1], PRESENT_COLUMN) == 0;
    staged->columns = columns;
    staged->n_columns = (size_t)n - (staged->has_presence ? 1 : 0);
    PQclear(result);
}

static StagedLoad
take_staged_over(LoadBatch *batch, const RegistryRow *row)
{
    StagedLoad staged = {0};
    Diag diag = {0};

    if (registry_trust(batch->db, batch->settings->schema_name, "{}", row->name, &diag) ==
        TRUST_FOREIGN)
        die(EXIT_SERVER, &diag);
    /* held to the end, so that no other run takes the table over */
    if (row->run != NULL && strcmp(row->run, batch->run_id) != 0 &&
        !registry_try_lock(batch->db, row->lock))
        die_message(EXIT_OUTPUT, "%s is in use by run %s", row->qname, row->run);
    staged.n_rows = count_staged_rows(batch->db, row->qname);
    check_staged(row, staged.n_rows);
    adopt(batch, row);
    staged.target = arena_copy_string(batch->arena, row->target);
    staged.qname = arena_copy_string(batch->arena, row->qname);
    staged.origin =
        row->origin != NULL ? arena_copy_string(batch->arena, row->origin) : NULL;
    staged.mark = row->mark != NULL ? arena_copy_string(batch->arena, row->mark) : NULL;
    read_staged_columns(batch, &staged);
    return staged;
}

StagedLoad
registry_collect_find_staged(LoadBatch *batch, const char *name)
{
    PGresult *result =
        registry_status_list(batch->db, batch->settings->schema_name, NULL);
    RowReader reader = row_reader(result);
    StagedLoad staged = {0};

    while (staged.qname == NULL && row_next(&reader))
    {
        RegistryRow row = registry_status_read_row(&reader);

        if (is_called(&row, name))
            staged = take_staged_over(batch, &row);
    }
    PQclear(result);
    if (staged.qname == NULL)
        die_hint(EXIT_SERVER, "Use \"pg-sample-load --status\" to list staged tables.",
                 "there is no staged table \"%s\"", name);
    return staged;
}
