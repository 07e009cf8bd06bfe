#include "sample/staging/staging_schema.h"

#include <stdlib.h>
#include <string.h>

#include "base/copytext.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/recovery.h"
#include "db/sql_text.h"

enum
{
    MAX_NAME = 63 /* bytes: NAMEDATALEN - 1 */
};

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
stage_schema_lock(Db *db, const char *schema)
{
    char *key = format_lock(db, schema);
    bool is_locked = db_try_lock(db, key);

    free(key);
    return is_locked;
}

void
stage_schema_unlock(Db *db, const char *schema)
{
    char *key = format_lock(db, schema);

    db_unlock(db, key);
    free(key);
}

SchemaTrust
stage_schema_trust(Db *db, const char *schema, StageUse use, char **comment, Diag *diag)
{
    static const char all[] = "{manifest,manifest_run,manifest_keys,manifest_references,"
                              "resume_facts,resume_archive,resume_large_objects}";
    static const char *const tables[] = {[STAGE_CREATE] = "{}",
                                         [STAGE_DROP] = "{}",
                                         [STAGE_LIST] = "{manifest_run}",
                                         [STAGE_RESUME] = all};
    const TrustQuestion question = {.schema = schema,
                                    .tables = tables[use],
                                    .has_rows = use == STAGE_RESUME,
                                    .is_to_drop = use == STAGE_DROP,
                                    .option = "--sample-schema"};

    return trust_ask(db, &question, comment, diag);
}

/* Dropping a table takes one for itself, its TOAST table and each index. */
static const char lock_slots[] =
    "pg_catalog.current_setting('max_locks_per_transaction')::pg_catalog.int4"
    " * pg_catalog.current_setting('max_connections')::pg_catalog.int4";

void
stage_schema_drop(Db *db, const char *qschema)
{
    PQExpBufferData sql;
    PQExpBufferData list;

    initPQExpBuffer(&sql);
    initPQExpBuffer(&list);
    copytext_append_string(&list, qschema, strlen(qschema));
    for (;;)
    {
        char *tables;

        /* the names may be many, so each statement drops some */
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
die_unusable(const Stage *stage, Diag *diag)
{
    if (stage->options->is_requested || stage->options->is_forced)
        die(EXIT_SERVER, diag);
    free(diag->hint);
    diag->hint = NULL;
    die_staging(diag);
}

static _Noreturn void
die_exists(const Stage *stage, const char *state, const char *hint)
{
    Diag diag = {0};

    diag_set_message(&diag, "schema %s %s", stage->names.qschema, state);
    diag_set_hint(&diag, "%s", hint);
    die_unusable(stage, &diag);
}

/* Ends staging if the schema is there and is not ours; *comment as trust_ask() does. */
static void
check_trust(const Stage *stage, StageUse use, char **comment)
{
    Diag diag = {0};

    if (stage_schema_trust(stage->keeper, stage->names.schema, use, comment, &diag) ==
        TRUST_FOREIGN)
        die_unusable(stage, &diag);
}

static void
replace_existing(Stage *stage, const char *comment)
{
    if (!stage->options->is_forced)
        die_exists(
            stage, "exists",
            "--force drops it if an earlier run left it, --cleanup=drop drops what "
            "unfinished runs left, --resume writes the dump that it was kept for, "
            "and --sample-schema takes another name.");
    if (strncmp(comment, STAGE_MARK, strlen(STAGE_MARK)) != 0)
        die_exists(stage, "was not made by pg-sample, so --force does not drop it",
                   "Take another name with --sample-schema.");
    log_verbose("dropping schema %s, as --force says", stage->names.qschema);
    stage_schema_drop(stage->keeper, stage->names.qschema);
}

/* The server would cut it short without an error. */
static void
check_name(Db *db, const char *schema)
{
    PGresult *result =
        db_query_params(db, "SELECT pg_catalog.octet_length($1::pg_catalog.text)", 1,
                        &schema);

    if (strtol(PQgetvalue(result, 0, 0), NULL, 10) > MAX_NAME)
        die_hint(EXIT_USAGE, "Names have at most 63 bytes.",
                 "the name of the staging schema is too long: \"%s\"", schema);
    PQclear(result);
}

static void
append_insert_run(PQExpBuffer sql, const Stage *stage)
{
    const StageOptions *options = stage->options;
    const char *server = db_server_version_text(stage->keeper);

    appendPQExpBuffer(sql,
                      "INSERT INTO %s.manifest_run SELECT pg_catalog.md5("
                      "pg_catalog.concat(pg_catalog.pg_backend_pid(), ' ', "
                      "pg_catalog.clock_timestamp()))::pg_catalog.uuid, ",
                      stage->names.qschema);
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
stage_schema_create(Stage *stage)
{
    PQExpBufferData sql;
    char *comment;

    check_name(stage->keeper, stage->names.schema);
    if (!stage_schema_lock(stage->keeper, stage->names.schema))
        die_exists(stage, "is in use by another run of pg-sample",
                   "Take another name with --sample-schema, or wait for it to end.");
    check_trust(stage, stage->options->is_forced ? STAGE_DROP : STAGE_CREATE, &comment);
    if (comment != NULL)
        replace_existing(stage, comment);
    free(comment);
    initPQExpBuffer(&sql);
    appendPQExpBuffer(&sql,
                      "BEGIN;\nCREATE SCHEMA %s;\n"
                      "COMMENT ON SCHEMA %s IS '" STAGE_MARK ": see the tables manifest "
                      "and manifest_run; \"pg-sample --cleanup\" lists such schemas'",
                      stage->names.qschema, stage->names.qschema);
    /* from here on it may be there, even if a signal ends the wait for the answer */
    stage->has_schema = true;
    db_execute(stage->keeper, sql.data);
    check_trust(stage, STAGE_CREATE, NULL);
    resetPQExpBuffer(&sql);
    appendPQExpBuffer(&sql,
                      "SET LOCAL search_path = %s;\n%s\nSET LOCAL search_path = '';\n",
                      stage->names.qschema, sql_stage_manifest);
    append_insert_run(&sql, stage);
    appendPQExpBufferStr(&sql, "COMMIT");
    db_execute(stage->keeper, sql.data);
    termPQExpBuffer(&sql);
}

/* ---- dropping at the end, whatever happened */

/* Only our own that has the mark is dropped; *is_there only if the server answers. */
static bool
find_own(const Stage *stage, Db *db, bool *is_there)
{
    PQExpBufferData sql;
    bool is_known;

    initPQExpBuffer(&sql);
    appendPQExpBufferStr(&sql, "SELECT pg_catalog.count(*) OPERATOR(pg_catalog.>) 0\n"
                               "  FROM pg_catalog.pg_namespace AS n\n"
                               " WHERE pg_catalog.obj_description(n.oid, 'pg_namespace')"
                               " LIKE '" STAGE_MARK "%'\n"
                               "   AND pg_catalog.pg_get_userbyid(n.nspowner)"
                               " OPERATOR(pg_catalog.=) current_user\n"
                               "   AND n.nspname = ");
    copytext_append_string(&sql, stage->names.schema, strlen(stage->names.schema));
    is_known = db_attempt_test(db, sql.data, is_there);
    termPQExpBuffer(&sql);
    return is_known;
}

static bool
drop_own_tables(Stage *stage, Db *db)
{
    PQExpBufferData sql;
    bool is_done = true;
    bool is_there;
    int n = 0;

    if (!find_own(stage, db, &is_there))
        return false;
    if (!is_there)
        return true;
    initPQExpBuffer(&sql);
    for (int i = 0; is_done && i < stage->catalog->n_relations; i++)
    {
        if (stage->tables[i].is_created)
            appendPQExpBuffer(&sql, "%s%s", n++ == 0 ? "DROP TABLE IF EXISTS " : ", ",
                              stage->names.tables[i].qname);
        if (n < stage_count_at_once(stage) &&
            (n == 0 || i + 1 < stage->catalog->n_relations))
            continue;
        appendPQExpBufferStr(&sql, " CASCADE");
        is_done = db_attempt(db, sql.data);
        resetPQExpBuffer(&sql);
        n = 0;
    }
    resetPQExpBuffer(&sql);
    appendPQExpBuffer(&sql, "DROP SCHEMA %s CASCADE", stage->names.qschema);
    is_done = is_done && db_attempt(db, sql.data);
    termPQExpBuffer(&sql);
    return is_done;
}

void
stage_schema_drop_own(Stage *stage)
{
    static const char *const settings[] = {
        "search_path", "",  "lock_timeout", "30s", "default_transaction_read_only",
        "off",         NULL};
    Db *other = NULL;
    bool is_done = false;

    log_verbose("dropping schema %s", stage->names.qschema);
    if (db_recover(stage->keeper))
        is_done = drop_own_tables(stage, stage->keeper);
    else
    {
        other = db_try_connect_again(stage->session->holder);
        if (other != NULL)
            is_done = db_attempt_set(other, settings) && drop_own_tables(stage, other);
        db_close(other);
    }
    stage->has_schema = !is_done;
    if (!is_done)
        log_warning_hint("\"pg-sample --cleanup=drop\" drops it.",
                         "schema %s could not be dropped", stage->names.qschema);
}
