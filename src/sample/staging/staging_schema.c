#include "sample/staging/staging_schema.h"

#include <stdlib.h>
#include <string.h>

#include "base/copytext.h"
#include "base/die.h"
#include "base/log.h"
#include "base/mem.h"
#include "db/sql_text.h"

enum
{
    MAX_NAME = 63, /* bytes: NAMEDATALEN - 1 */
    MAX_TABLES_AT_ONCE = 50,
    MIN_TABLES_AT_ONCE = 10,
    LOCKS_PER_TABLE = 5 /* it, its TOAST table, their indexes */
};

int
staging_schema_count_at_once(const Staging *staging)
{
    int n = staging->session->chunk_locks / LOCKS_PER_TABLE;

    if (n < MIN_TABLES_AT_ONCE)
        return MIN_TABLES_AT_ONCE;
    return n < MAX_TABLES_AT_ONCE ? n : MAX_TABLES_AT_ONCE;
}

static char *
format_lock(Db *db, const char *schema)
{
    char *name = mem_format("pg-sample %s", schema);
    char *literal = db_quote_literal(db, name);
    char *key = mem_format("pg_catalog.hashtextextended(%s, 0)", literal);

    PQfreemem(literal);
    free(name);
    return key;
}

bool
staging_schema_lock(Db *db, const char *schema)
{
    char *key = format_lock(db, schema);
    bool is_locked = db_session_try_lock(db, key);

    free(key);
    return is_locked;
}

void
staging_schema_unlock(Db *db, const char *schema)
{
    char *key = format_lock(db, schema);

    db_session_unlock(db, key);
    free(key);
}

SchemaTrust
staging_schema_trust(Db *db, const char *schema, StagingUse use, char **comment,
                     Diag *diag)
{
    static const char all[] = "{manifest,manifest_run,manifest_keys,manifest_references,"
                              "resume_facts,resume_archive,resume_large_objects}";
    static const char *const tables[] = {[STAGING_CREATE] = "{}",
                                         [STAGING_DROP] = "{}",
                                         [STAGING_LIST] = "{manifest_run}",
                                         [STAGING_RESUME] = all};
    const TrustQuestion question = {.schema = schema,
                                    .tables = tables[use],
                                    .has_rows = use == STAGING_RESUME,
                                    .is_to_drop = use == STAGING_DROP,
                                    .option = "--sample-schema"};

    return trust_ask(db, &question, comment, diag);
}

/* To drop a table takes one for it, its TOAST table and each index. */
static const char lock_slots[] =
    "pg_catalog.current_setting('max_locks_per_transaction')::pg_catalog.int4"
    " * pg_catalog.current_setting('max_connections')::pg_catalog.int4";

void
staging_schema_drop(Db *db, const char *qschema)
{
    PQExpBufferData sql;
    PQExpBufferData list;

    initPQExpBuffer(&sql);
    initPQExpBuffer(&list);
    copytext_append_string(&list, qschema, strlen(qschema));
    for (;;)
    {
        char *tables;

        /* there may be many tables, so each statement drops some */
        resetPQExpBuffer(&sql);
        appendPQExpBuffer(&sql,
                          "SELECT pg_catalog.string_agg(t.qname, ', ')\n"
                          "  FROM (SELECT c.oid::pg_catalog.regclass::pg_catalog.text"
                          " AS qname\n"
                          "          FROM pg_catalog.pg_class AS c\n"
                          "         WHERE c.relnamespace = %s::pg_catalog.regnamespace\n"
                          "           AND c.relkind = 'r'\n"
                          "         LIMIT GREATEST(1, LEAST(100, %s / 20))) AS t",
                          list.data, lock_slots);
        tables = db_query_value(db, sql.data);
        if (tables == NULL)
            break;
        resetPQExpBuffer(&sql);
        appendPQExpBuffer(&sql, "DROP TABLE %s CASCADE", tables);
        db_execute(db, sql.data);
        free(tables);
    }
    resetPQExpBuffer(&sql);
    appendPQExpBuffer(&sql, "DROP SCHEMA %s CASCADE", qschema);
    db_execute(db, sql.data);
    termPQExpBuffer(&sql);
    termPQExpBuffer(&list);
}

static _Noreturn void
die_unusable(const Staging *staging, Diag *diag)
{
    if (staging->options->is_requested || staging->options->is_forced)
        die(EXIT_SERVER, diag);
    free(diag->hint);
    diag->hint = NULL;
    die_staging(diag);
}

static _Noreturn void
die_exists(const Staging *staging, const char *state, const char *hint)
{
    Diag diag = {0};

    diag_set_message(&diag, "schema %s %s", staging->names.qschema, state);
    diag_set_hint(&diag, "%s", hint);
    die_unusable(staging, &diag);
}

/* Ends staging if the schema exists and is not trusted; *comment as in trust_ask(). */
static void
check_trust(const Staging *staging, StagingUse use, char **comment)
{
    Diag diag = {0};

    if (staging_schema_trust(staging->staging_db, staging->names.schema, use, comment,
                             &diag) == TRUST_FOREIGN)
        die_unusable(staging, &diag);
}

static void
replace_existing(Staging *staging, const char *comment)
{
    if (!staging->options->is_forced)
        die_exists(staging, "already exists",
                   "Use --force to drop the schema of an earlier run, "
                   "--cleanup=drop to drop those of unfinished runs, --resume "
                   "to write the dump of a kept sample, or --sample-schema to "
                   "choose another name.");
    if (strncmp(comment, STAGING_MARK, strlen(STAGING_MARK)) != 0)
        die_exists(staging, "was not created by pg-sample, so --force does not drop it",
                   "Choose another name with --sample-schema.");
    log_verbose("dropping schema %s because of --force", staging->names.qschema);
    staging_schema_drop(staging->staging_db, staging->names.qschema);
}

/* The server would truncate it without an error. */
static void
check_name(Db *db, const char *schema)
{
    PGresult *result =
        db_query_params(db, "SELECT pg_catalog.octet_length($1::pg_catalog.text)", 1,
                        &schema);

    if (strtol(PQgetvalue(result, 0, 0), NULL, 10) > MAX_NAME)
        die_hint(EXIT_USAGE, "Names can have at most 63 bytes.",
                 "the name of the staging schema is too long: \"%s\"", schema);
    PQclear(result);
}

static void
append_insert_run(PQExpBuffer sql, const Staging *staging)
{
    const StagingOptions *options = staging->options;
    const char *server = db_server_version_text(staging->staging_db);

    appendPQExpBuffer(sql,
                      "INSERT INTO %s.manifest_run SELECT pg_catalog.md5("
                      "pg_catalog.concat(pg_catalog.pg_backend_pid(), ' ', "
                      "pg_catalog.clock_timestamp()))::pg_catalog.uuid, ",
                      staging->names.qschema);
    copytext_append_string(sql, options->version, strlen(options->version));
    appendPQExpBufferStr(sql, ", pg_catalog.current_database(), ");
    copytext_append_string(sql, server, strlen(server));
    appendPQExpBufferStr(sql, ", pg_catalog.now(), ");
    copytext_append_string(sql, options->snapshot_time, strlen(options->snapshot_time));
    appendPQExpBufferStr(sql, ", ");
    appendPQExpBuffer(sql, "%s, %s, 'sampling';\n", options->command,
                      options->is_kept ? "true" : "false");
}

void
staging_schema_create(Staging *staging)
{
    PQExpBufferData sql;
    char *comment;

    check_name(staging->staging_db, staging->names.schema);
    if (!staging_schema_lock(staging->staging_db, staging->names.schema))
        die_exists(staging, "is in use by another run of pg-sample",
                   "Choose another name with --sample-schema, or wait for "
                   "that run to end.");
    check_trust(staging, staging->options->is_forced ? STAGING_DROP : STAGING_CREATE,
                &comment);
    if (comment != NULL)
        replace_existing(staging, comment);
    free(comment);
    initPQExpBuffer(&sql);
    appendPQExpBuffer(&sql,
                      "BEGIN;\nCREATE SCHEMA %s;\n"
                      "COMMENT ON SCHEMA %s IS '" STAGING_MARK
                      ": see the tables manifest "
                      "and manifest_run; \"pg-sample --cleanup\" lists such schemas'",
                      staging->names.qschema, staging->names.qschema);
    /* from here on it may exist, even if a signal ends the wait for the answer */
    staging->has_schema = true;
    db_execute(staging->staging_db, sql.data);
    check_trust(staging, STAGING_CREATE, NULL);
    resetPQExpBuffer(&sql);
    appendPQExpBuffer(&sql,
                      "SET LOCAL search_path = %s;\n%s\nSET LOCAL search_path = '';\n",
                      staging->names.qschema, sql_stage_manifest);
    append_insert_run(&sql, staging);
    appendPQExpBufferStr(&sql, "COMMIT");
    db_execute(staging->staging_db, sql.data);
    termPQExpBuffer(&sql);
}

/* ---- dropping at exit */

/* False: the server does not answer. Only an own schema with the mark counts. */
static bool
find_own(const Staging *staging, Db *db, bool *is_there)
{
    PQExpBufferData sql;
    bool is_known;

    initPQExpBuffer(&sql);
    appendPQExpBufferStr(&sql, "SELECT pg_catalog.count(*) OPERATOR(pg_catalog.>) 0\n"
                               "  FROM pg_catalog.pg_namespace AS n\n"
                               " WHERE pg_catalog.obj_description(n.oid, 'pg_namespace')"
                               " LIKE '" STAGING_MARK "%'\n"
                               "   AND pg_catalog.pg_get_userbyid(n.nspowner)"
                               " OPERATOR(pg_catalog.=) current_user\n"
                               "   AND n.nspname = ");
    copytext_append_string(&sql, staging->names.schema, strlen(staging->names.schema));
    is_known = db_attempt_test(db, sql.data, is_there);
    termPQExpBuffer(&sql);
    return is_known;
}

static bool
drop_own_tables(Staging *staging, Db *db)
{
    PQExpBufferData sql;
    bool is_done = true;
    bool is_there;
    int n = 0;

    if (!find_own(staging, db, &is_there))
        return false;
    if (!is_there)
        return true;
    initPQExpBuffer(&sql);
    for (int i = 0; is_done && i < staging->catalog->n_relations; i++)
    {
        if (staging->tables[i].is_created)
            appendPQExpBuffer(&sql, "%s%s", n++ == 0 ? "DROP TABLE IF EXISTS " : ", ",
                              staging->names.tables[i].qname);
        if (n < staging_schema_count_at_once(staging) &&
            (n == 0 || i + 1 < staging->catalog->n_relations))
            continue;
        appendPQExpBufferStr(&sql, " CASCADE");
        is_done = db_attempt(db, sql.data);
        resetPQExpBuffer(&sql);
        n = 0;
    }
    resetPQExpBuffer(&sql);
    appendPQExpBuffer(&sql, "DROP SCHEMA %s CASCADE", staging->names.qschema);
    is_done = is_done && db_attempt(db, sql.data);
    termPQExpBuffer(&sql);
    return is_done;
}

void
staging_schema_drop_own(Staging *staging)
{
    static const char *const settings[] = {
        "search_path", "",  "lock_timeout", "30s", "default_transaction_read_only",
        "off",         NULL};
    Db *other = NULL;
    bool is_done = false;

    log_verbose("dropping schema %s", staging->names.qschema);
    if (db_recover(staging->staging_db))
        is_done = drop_own_tables(staging, staging->staging_db);
    else
    {
        other = db_connect_try_again(staging->session->snapshot_db);
        if (other != NULL)
            is_done = db_session_attempt_set(other, settings) &&
                      drop_own_tables(staging, other);
        db_close(other);
    }
    staging->has_schema = !is_done;
    if (!is_done)
        log_warning_hint("Use \"pg-sample --cleanup=drop\" to drop it.",
                         "schema %s could not be dropped", staging->names.qschema);
}
