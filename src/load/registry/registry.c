#include "load/registry/registry.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/copytext.h"
#include "base/die.h"
#include "base/mem.h"
#include "base/signals.h"
#include "base/sqltext.h"
#include "config.h"
#include "db/sql_text.h"
#include "db/sqlstate.h"
#include "load/registry/registry_internal.h"
#include "load/registry/registry_name.h"

enum
{
    MIN_PATIENCE = 60 * 1000 /* milliseconds to wait for a lost session to end */
};

/* One run a process. */
static struct
{
    int lock;
    char *started;
    Diag obstacle;
} this_run;

const Diag *
registry_get_obstacle(void)
{
    return &this_run.obstacle;
}

int
registry_get_lock(void)
{
    return this_run.lock;
}

const char *
registry_get_started(void)
{
    return this_run.started;
}

/* ---- the run's lock */

static char *
format_run_lock(int lock)
{
    return mem_format("%d, %d", REGISTRY_LOCK_CLASS, lock);
}

bool
registry_try_lock(Db *db, int lock)
{
    char *key = format_run_lock(lock);
    bool is_taken = db_session_try_lock(db, key);

    free(key);
    return is_taken;
}

void
registry_unlock(Db *db, int lock)
{
    char *key = format_run_lock(lock);

    db_session_unlock(db, key);
    free(key);
}

static void
fill_random(void *data, size_t size)
{
    if (getentropy(data, size) != 0)
        die_errno(EXIT_OUTPUT, "could not get random bytes");
}

/* A random uuid (version 4), and the number of its lock. */
static const char *
choose_run_id(Arena *arena, int *lock)
{
    uint8_t bytes[16];
    char text[40];
    size_t length = 0;

    fill_random(bytes, sizeof(bytes));
    bytes[6] = (uint8_t)((bytes[6] & 0x0F) | 0x40);
    bytes[8] = (uint8_t)((bytes[8] & 0x3F) | 0x80);
    for (size_t i = 0; i < sizeof(bytes); i++)
    {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            text[length++] = '-';
        text[length++] = "0123456789abcdef"[bytes[i] >> 4];
        text[length++] = "0123456789abcdef"[bytes[i] & 0x0F];
    }
    text[length] = '\0';
    *lock = (bytes[0] & 0x7F) << 24 | bytes[1] << 16 | bytes[2] << 8 | bytes[3];
    return arena_copy_string(arena, text);
}

static void
begin_run(LoadBatch *batch)
{
    do
        batch->run_id = choose_run_id(batch->arena, &this_run.lock);
    while (!registry_try_lock(batch->db, this_run.lock));
    free(this_run.started);
    this_run.started =
        db_query_value(batch->db, "SELECT pg_catalog.to_char(pg_catalog.clock_timestamp()"
                                  " AT TIME ZONE 'UTC',"
                                  " 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')");
}

/* ---- the schema */

bool
registry_open(LoadBatch *batch, Diag *diag)
{
    batch->schema = NULL;
    begin_run(batch);
    if (registry_schema_open(batch, diag))
        return true;
    diag_set_message(&this_run.obstacle, "%s", diag->message);
    if (diag->detail != NULL)
        diag_set_detail(&this_run.obstacle, "%s", diag->detail);
    diag_set_hint(&this_run.obstacle, "%s", diag->hint);
    return false;
}

/* ---- names and comments */

/* A new name, unquoted; owned by the caller. */
static char *
choose_new_name(const LoadBatch *batch, const char *table, const char *what)
{
    char stamp[TABLE_NAME_TAIL_SIZE];
    char *tail;
    uint32_t random;
    time_t now = time(NULL);
    struct tm utc;
    PQExpBufferData name;

    fill_random(&random, sizeof(random));
    strftime(stamp, sizeof(stamp), "%Y%m%d_%H%M%S", gmtime_r(&now, &utc));
    tail = mem_format("%08" PRIx32 "_%s", random, stamp);
    initPQExpBuffer(&name);
    registry_name_append(&name, table, what, tail,
                         strcmp(db_encoding(batch->db), "UTF8") == 0);
    free(tail);
    return name.data;
}

static const char *
qualify_name(const LoadBatch *batch, const char *schema, const char *name)
{
    PQExpBufferData qname;
    const char *copy;

    initPQExpBuffer(&qname);
    appendPQExpBuffer(&qname, "%s.", schema);
    sqltext_append_quoted(&qname, name, strlen(name));
    copy = arena_copy_string(batch->arena, qname.data);
    termPQExpBuffer(&qname);
    return copy;
}

const char *
registry_name_table(const LoadBatch *batch, const char *table, const char *what)
{
    bool is_temporary = batch->stage_kind == STAGE_TEMPORARY;
    char *name = choose_new_name(batch, table, what);
    const char *qname =
        qualify_name(batch, is_temporary ? "pg_temp" : batch->schema, name);

    if (!is_temporary)
        registry_tables_note(batch, qname, false);
    free(name);
    return qname;
}

const char *
registry_name_kept(const LoadBatch *batch, const char *table, const char *what,
                   const char **name)
{
    char *chosen = choose_new_name(batch, table, what);

    *name = arena_copy_string(batch->arena, chosen);
    free(chosen);
    return qualify_name(batch, batch->schema, *name);
}

static void
append_string_literal(PQExpBuffer sql, const char *text)
{
    if (text != NULL)
        copytext_append_string(sql, text, strlen(text));
    else
        appendPQExpBufferStr(sql, "NULL");
}

/* "'name', 'text'::pg_catalog.text, " */
static void
append_fact(PQExpBuffer sql, const char *name, const char *text)
{
    append_string_literal(sql, name);
    appendPQExpBufferStr(sql, ", ");
    append_string_literal(sql, text);
    appendPQExpBufferStr(sql, "::pg_catalog.text, ");
}

static void
append_column_array(PQExpBuffer sql, const LoadTable *table)
{
    appendPQExpBufferStr(sql, "ARRAY[");
    for (int i = 0; i < table->n_columns; i++)
    {
        appendPQExpBufferStr(sql, i > 0 ? ", " : "");
        append_string_literal(sql,
                              table->target->relation->columns[table->columns[i]].name);
    }
    appendPQExpBufferStr(sql, "]::pg_catalog.text[]");
}

/* The query whose value is the statement. */
static char *
format_comment_query(const LoadBatch *batch, const LoadTable *table, const char *qname,
                     const char *what, const char *state, int64_t n_rows)
{
    PQExpBufferData sql;

    initPQExpBuffer(&sql);
    appendPQExpBufferStr(&sql, "SELECT pg_catalog.format('COMMENT ON TABLE %s IS %L', ");
    append_string_literal(&sql, qname);
    appendPQExpBufferStr(&sql, "::pg_catalog.text,\n  pg_catalog.jsonb_build_object(");
    append_fact(&sql, "tool", "pg-sample-load");
    append_fact(&sql, "state", state);
    append_fact(&sql, "run", batch->run_id);
    append_fact(&sql, "target", table->qname);
    append_fact(&sql, "what", what);
    append_fact(&sql, "started", this_run.started);
    append_fact(&sql, "origin", table->origin);
    append_fact(&sql, "mark", table->mark);
    appendPQExpBuffer(&sql,
                      "'lock', %d, 'rows', %" PRId64 "::pg_catalog.int8, 'columns', ",
                      this_run.lock, n_rows);
    append_column_array(&sql, table);
    appendPQExpBufferStr(&sql, "))");
    return sql.data;
}

char *
registry_format_comment(const LoadBatch *batch, const LoadTable *table, const char *qname,
                        const char *what)
{
    char *query;
    char *sql;

    if (batch->stage_kind != STAGE_UNLOGGED)
        return mem_copy_string(""); /* no other session sees it */
    query = format_comment_query(batch, table, qname, what, "loaded", table->n_staged);
    sql = db_query_value(batch->db, query);
    free(query);
    return sql;
}

char *
registry_format_kept(const LoadBatch *batch, const LoadTable *table, const char *qname,
                     const char *what, int64_t n_rows)
{
    return format_comment_query(batch, table, qname, what, "kept", n_rows);
}

void
registry_describe(const LoadBatch *batch, const LoadTable *table, const char *qname,
                  const char *what)
{
    char *sql = registry_format_comment(batch, table, qname, what);

    if (*sql != '\0')
        db_execute(batch->db, sql);
    free(sql);
}

/* ---- the commit */

char *
registry_format_commit(const LoadBatch *batch)
{
    PQExpBufferData sql;
    int64_t n_written = 0;
    const char *mode = "";
    int length = 0;

    if (batch->schema == NULL)
        return NULL;
    initPQExpBuffer(&sql);
    appendPQExpBuffer(&sql,
                      "INSERT INTO %s.run (run_id, started_at, committed_at, application,"
                      " tables, mode, rows_written%s)\nVALUES (",
                      batch->schema, batch->has_origins ? ", sources, marks" : "");
    append_string_literal(&sql, batch->run_id);
    appendPQExpBufferStr(&sql, ", ");
    append_string_literal(&sql, this_run.started);
    appendPQExpBufferStr(&sql, ", pg_catalog.clock_timestamp(),"
                               " 'pg-sample-load " PACKAGE_VERSION "', ARRAY[");
    for (int i = 0; i < batch->n_tables; i++)
    {
        const LoadTable *table = &batch->tables[i];

        appendPQExpBufferStr(&sql, i > 0 ? ", " : "");
        append_string_literal(&sql, table->qname);
        n_written +=
            table->counts.inserted + table->counts.updated + table->counts.deleted;
    }
    appendPQExpBufferStr(&sql, "]::pg_catalog.text[], ");
    if (batch->n_tables > 0)
        mode = settings_get_word(MODE_WORDS, batch->tables[0].settings->mode, &length);
    if (batch->rollback != NULL)
    {
        mode = "rollback";
        length = (int)strlen(mode);
    }
    copytext_append_string(&sql, mode, (size_t)length);
    appendPQExpBuffer(&sql, ", %" PRId64, n_written);
    origins_append(&sql, batch);
    marks_append(&sql, batch);
    appendPQExpBufferChar(&sql, ')');
    return sql.data;
}

RegistryOutcome
registry_find_outcome(const LoadBatch *batch, Db *db)
{
    PQExpBufferData sql;
    bool is_committed = false;
    bool is_known;

    initPQExpBuffer(&sql);
    appendPQExpBuffer(&sql,
                      "SELECT pg_catalog.count(*) OPERATOR(pg_catalog.=) 1\n"
                      "  FROM %s.run AS r\n"
                      " WHERE r.run_id OPERATOR(pg_catalog.=) ",
                      batch->schema);
    append_string_literal(&sql, batch->run_id);
    is_known = db_attempt_test(db, sql.data, &is_committed);
    termPQExpBuffer(&sql);
    if (!is_known)
        return OUTCOME_UNKNOWN;
    return is_committed ? OUTCOME_COMMITTED : OUTCOME_ROLLED_BACK;
}

bool
registry_take_lock(const LoadBatch *batch, Db *db)
{
    const struct timespec pause = {.tv_nsec = 50 * 1000 * 1000};
    int limit = batch->settings->transaction_timeout;
    char *key = format_run_lock(this_run.lock);
    bool is_taken = false;

    if (limit < MIN_PATIENCE)
        limit = MIN_PATIENCE;
    for (int waited = 0; waited < limit && signals_pending() == 0; waited += 50)
    {
        if (!db_session_attempt_lock(db, key, &is_taken) || is_taken)
            break;
        nanosleep(&pause, NULL);
    }
    free(key);
    return is_taken;
}
