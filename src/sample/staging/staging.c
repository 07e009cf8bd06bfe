#include "sample/staging/staging.h"

#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/plural.h"
#include "base/recovery.h"
#include "base/signals.h"
#include "db/sqlstate.h"
#include "model/query.h"
#include "model/query_staging.h"
#include "sample/budget.h"
#include "sample/row_ids.h"
#include "sample/session_early.h"
#include "sample/staging/staging_schema.h"
#include "sample/staging/staging_tables.h"

/* What it waits for waits for locks of the snapshot connection, so it would not end. */
#define SOURCE_LOCK_TIMEOUT "2s"

/* To be closed at exit. */
static Staging *staging_open_now;

static void
close_at_exit(void)
{
    const Staging *staging = staging_open_now;

    if (staging != NULL && staging->is_complete && staging->options->is_kept)
        log_notice("the sample is kept in schema %s; --resume writes its dump",
                   staging->names.qschema);
    staging_close(staging_open_now);
}

Staging *
staging_new(Session *session, const StagingOptions *options)
{
    static bool is_registered;
    Staging *staging = mem_alloc_zero(1, sizeof(*staging));

    staging->options = options;
    staging->session = session;
    if (!is_registered && atexit(close_at_exit) != 0)
        die_message(EXIT_OUTPUT, "could not register an exit function");
    is_registered = true;
    staging_open_now = staging;
    return staging;
}

/* ---- what must be true before anything is created */

static _Noreturn void
refuse_staging(const char *reason)
{
    Diag diag = {0};

    diag_set_message(&diag, "%s", reason);
    die_staging(&diag);
}

static Db *
connect_another(Staging *staging)
{
    Db *db = session_early_take_spare(staging->session);

    if (db != NULL)
        return db;
    signals_begin_uninterruptible();
    db = db_connect_try_again(staging->session->snapshot_db);
    signals_end_uninterruptible();
    if (db == NULL)
        refuse_staging("could not open another connection to the server");
    return db;
}

/* What is expected of some roles and servers, and so no reason for a warning. */
static void
check_server(Staging *staging)
{
    char *answer;

    staging->is_unfit = true;
    if (staging->catalog->is_standby)
        refuse_staging("the server is a standby");
    answer = db_query_value(staging->staging_db, "SHOW default_transaction_read_only");
    if (strcmp(answer, "on") == 0)
        refuse_staging("transactions are read-only by default");
    free(answer);
    answer =
        db_query_value(staging->staging_db, "SELECT pg_catalog.has_database_privilege("
                                            "pg_catalog.current_database(), 'CREATE')");
    if (answer[0] != 't')
    {
        Diag diag = {0};

        diag_set_message(&diag, "no CREATE privilege on database \"%s\"",
                         db_name(staging->staging_db));
        die_staging(&diag);
    }
    free(answer);
    staging->is_unfit = false;
}

void
staging_join_by_hash(Db *db)
{
    db_session_set(db, (const char *const[]){"enable_nestloop", "off", "enable_mergejoin",
                                             "off", NULL});
}

static void
prepare_connections(Staging *staging)
{
    static const char *const settings[] = {"default_transaction_read_only",
                                           "off",
                                           "synchronous_commit",
                                           "off",
                                           "client_min_messages",
                                           "warning",
                                           NULL};

    staging->staging_db = connect_another(staging);
    check_server(staging);
    session_prepare(staging->session, staging->staging_db);
    db_set_staging(staging->staging_db, true);
    db_session_set(staging->staging_db, settings);
    staging_join_by_hash(staging->staging_db);
    staging->source_db = connect_another(staging);
    session_prepare(staging->session, staging->source_db);
    session_choose_path(staging->session, staging->source_db);
    db_session_set(staging->source_db, settings);
    if (!staging->session->is_chunked)
        db_session_set(staging->source_db,
                       (const char *const[]){"lock_timeout", SOURCE_LOCK_TIMEOUT, NULL});
    /* there must be one more for pg_dump, which would fail without it */
    if (staging->options->has_schema && !staging->session->is_early &&
        !db_is_pooled(staging->staging_db))
        db_close_surely(connect_another(staging), staging->staging_db);
}

void
staging_plan(Staging *staging, const Plan *plan)
{
    const Catalog *catalog = plan->catalog;

    staging->plan = plan;
    staging->catalog = catalog;
    staging->graph = graph_build_keyed(catalog);
    staging->groups =
        key_group_build(staging->graph, staging_schema_count_at_once(staging));
    staging->names = staging_names_choose(catalog, staging->options->schema);
    staging->tables = mem_alloc_zero((size_t)catalog->n_relations, sizeof(StagedTable));
    for (int i = 0; i < catalog->n_relations; i++)
        initPQExpBuffer(&staging->tables[i].begin);
}

/*
 * A schema in use is recognized by a lock of the session, which a pooler does not keep.
 */
static void
check_pooler(const Staging *staging)
{
    Db *db = staging->session->snapshot_db;
    const char *reason;

    if (staging->options->is_requested)
        db_session_need(db, "staging");
    reason = db_session_find_obstacle(db);
    if (reason != NULL)
        refuse_staging(reason);
}

void
staging_connect(Staging *staging, const Plan *plan)
{
    check_pooler(staging);
    staging_plan(staging, plan);
    prepare_connections(staging);
}

void
staging_open(Staging *staging)
{
    staging_schema_create(staging);
    if (staging->options->makes_all_tables)
        staging_tables_need_all(staging);
}

Sample *
staging_new_sample(Staging *staging)
{
    const RowLayout *layouts = layout_build(staging->graph);
    Sample *sample = sample_new(staging->plan, staging->graph, layouts, 0, false);

    staging->fetch_layouts = query_staging_layouts(layouts, staging->catalog);
    sample->fetch_layouts = staging->fetch_layouts;
    sample->staging = staging;
    for (int i = 0; i < staging->catalog->n_relations; i++)
        staging_set_pass(staging, i, 0);
    return sample;
}

/* ---- rows */

void
staging_set_pass(Staging *staging, int relation, int pass)
{
    StagedTable *table = &staging->tables[relation];

    table->pass = pass;
    query_staging_set_pass(&table->begin, &staging->fetch_layouts[relation],
                           &staging->names, pass);
}

/* The statement as a COPY of the rows that it inserts; or an empty buffer. */
static void
rewrite_as_copy(PQExpBuffer copy, const RowLayout *layout, const char *sql)
{
    const char *begin = strstr(sql, layout->begin);
    const char *end = NULL;
    const char *next = sql;

    while ((next = strstr(next, layout->end)) != NULL)
        end = next++;
    if (begin == NULL || end == NULL)
        return;
    appendBinaryPQExpBuffer(copy, sql, (size_t)(begin - sql));
    appendPQExpBufferStr(copy, "COPY (");
    begin += strlen(layout->begin);
    appendBinaryPQExpBuffer(copy, begin, (size_t)(end - begin));
    appendPQExpBufferStr(copy, ") TO STDOUT");
    appendPQExpBufferStr(copy, end + strlen(layout->end));
}

/*
 * Did reading the source fail, or writing the staging table? The statement is run again
 * as one that only reads: if that fails, it ends the program.
 */
static void
read_instead(Staging *staging, int relation, const char *sql)
{
    const Relation *source = &staging->catalog->relations[relation];
    PQExpBufferData begin;
    PQExpBufferData copy;
    char *line;

    initPQExpBuffer(&begin);
    initPQExpBuffer(&copy);
    staging_tables_append_begin(&begin, staging, NULL, 0);
    rewrite_as_copy(&copy, &staging->fetch_layouts[relation], sql);
    db_execute(staging->source_db, "ROLLBACK");
    db_set_context(staging->source_db, "could not read table %s", source->qname);
    db_execute(staging->source_db, begin.data);
    if (copy.len > 0)
    {
        db_copy_begin(staging->source_db, copy.data);
        while (db_copy_row(staging->source_db, &line) >= 0)
            continue;
    }
    db_execute(staging->source_db, "ROLLBACK");
    db_set_context(staging->source_db, NULL);
    termPQExpBuffer(&begin);
    termPQExpBuffer(&copy);
}

static _Noreturn void
fail_to_insert(Staging *staging, int relation, const char *sql, const PGresult *result)
{
    const Relation *source = &staging->catalog->relations[relation];
    Diag diag = {0};

    /* without the snapshot connection everything fails */
    db_execute(staging->session->snapshot_db, "SELECT");
    if (!sqlstate_is(result, SQLSTATE_LOCK_NOT_AVAILABLE) || staging->session->is_chunked)
    {
        if (sqlstate_is(result, SQLSTATE_ANY) &&
            !sqlstate_is(result, SQLSTATE_CLASS_OPERATOR_INTERVENTION))
            read_instead(staging, relation, sql);
        db_set_staging(staging->source_db, true);
        db_error_die(staging->source_db, result, NULL);
    }
    diag_set_message(&diag, "another session waits for an exclusive lock on table %s",
                     source->qname);
    die_staging(&diag);
}

/* Runs a statement of the source connection that reads the relations. */
static PGresult *
write_reading(Staging *staging, const int *relations, int n, const char *sql,
              uint64_t *n_rows)
{
    PQExpBufferData text;
    PGresult *result;

    initPQExpBuffer(&text);
    staging_tables_append_begin(&text, staging, NULL, 0);
    if (staging->session->is_chunked)
    {
        db_execute(staging->source_db, text.data);
        resetPQExpBuffer(&text);
    }
    for (int i = 0; i < n; i++)
    {
        const Relation *source = &staging->catalog->relations[relations[i]];

        if (staging->plan->tables[relations[i]].is_skipped)
            continue;
        staging->session->reading = source;
        if (staging->session->is_chunked)
            session_locks_unchanged(staging->source_db, source);
        else
            appendPQExpBuffer(&text, "LOCK TABLE %s%s IN ACCESS SHARE MODE;\n",
                              source->is_partitioned ? "" : "ONLY ", source->qname);
    }
    /* an error does not say which of several tables it is about */
    if (n > 1)
        staging->session->reading = NULL;
    appendPQExpBuffer(&text, "%s;\nCOMMIT", sql);
    result = db_try_counting(staging->source_db, text.data, n_rows, 1);
    termPQExpBuffer(&text);
    return result;
}

static void
note_inserted(Sample *sample, int relation, uint64_t n)
{
    StagedTable *table = &sample->staging->tables[relation];

    if (n > 0)
    {
        if (sample->tables[relation].n_rows == 0)
            table->first_pass = table->pass;
        table->last_pass = table->pass;
    }
    sample->tables[relation].n_rows += n;
    sample->n_rows += n;
    budget_check(sample);
    log_progress("%s: %zu row%s", sample->plan->catalog->relations[relation].qname,
                 sample->tables[relation].n_rows,
                 plural(sample->tables[relation].n_rows));
}

size_t
staging_insert(Sample *sample, int relation, const char *sql)
{
    Staging *staging = sample->staging;
    PGresult *result;
    uint64_t n;

    staging_tables_need(staging, &relation, 1);
    result = write_reading(staging, &relation, 1, sql, &n);
    if (!db_succeeded(result))
        fail_to_insert(staging, relation, sql, result);
    PQclear(result);
    note_inserted(sample, relation, n);
    return n;
}

/* Sends what begins the transaction, and locks the relations: in chunks nothing did. */
static void
begin_chunk(Staging *staging, PQExpBuffer begin, const int *relations, int n)
{
    db_execute(staging->source_db, begin->data);
    resetPQExpBuffer(begin);
    for (int i = 0; i < n; i++)
    {
        if (i > 0 && relations[i] == relations[i - 1])
            continue;
        staging->session->reading = &staging->catalog->relations[relations[i]];
        session_locks_unchanged(staging->source_db, staging->session->reading);
    }
}

bool
staging_insert_many(Sample *sample, const int *relations, int n, const char *sql)
{
    Staging *staging = sample->staging;
    uint64_t *counts = mem_alloc_zero((size_t)n, sizeof(*counts));
    PQExpBufferData text;
    PGresult *result;
    bool is_done;

    initPQExpBuffer(&text);
    staging_tables_append_begin(&text, staging, relations,
                                staging->session->is_chunked ? 0 : n);
    if (staging->session->is_chunked)
        begin_chunk(staging, &text, relations, n);
    appendPQExpBuffer(&text, "%s;\nCOMMIT", sql);
    result = db_try_counting(staging->source_db, text.data, counts, n);
    is_done = db_succeeded(result);
    if (!is_done && db_error_is_final(staging->source_db, result))
        db_error_die(staging->source_db, result, NULL);
    PQclear(result);
    if (!is_done)
        db_execute(staging->source_db, "ROLLBACK");
    for (int i = 0; is_done && i < n; i++)
        note_inserted(sample, relations[i], counts[i]);
    termPQExpBuffer(&text);
    free(counts);
    return is_done;
}

void
staging_insert_found(Staging *staging, const Component *component, const char *sql)
{
    uint64_t n;
    PGresult *result = write_reading(staging, component->relations.items,
                                     component->relations.n_items, sql, &n);

    if (!db_succeeded(result))
    {
        /* with --continue-on-error it may be about a table, which can then be skipped */
        db_set_staging(staging->source_db,
                       !recovery_is_open(RECOVERY_TABLE) ||
                           sqlstate_is(result, SQLSTATE_LOCK_NOT_AVAILABLE));
        db_set_context(staging->source_db,
                       "could not follow references between rows of table %s",
                       staging->catalog->relations[component->relations.items[0]].qname);
        db_error_die(staging->source_db, result, NULL);
    }
    PQclear(result);
}

RowId *
staging_list_row_ids(Sample *sample, int relation, size_t *n)
{
    Staging *staging = sample->staging;
    PQExpBufferData sql;
    RowId *ids;

    initPQExpBuffer(&sql);
    query_staging_row_ids(&sql, &staging->names, relation);
    ids = row_ids_read(staging->staging_db, &staging->catalog->relations[relation],
                       sql.data, n);
    termPQExpBuffer(&sql);
    return ids;
}

void
staging_begin_writing(Staging *staging)
{
    PQExpBufferData sql;

    initPQExpBuffer(&sql);
    staging_tables_append_begin(&sql, staging, NULL, 0);
    db_set_staging(staging->source_db, true);
    db_execute(staging->source_db, sql.data);
    termPQExpBuffer(&sql);
}

void
staging_end_writing(Staging *staging)
{
    db_execute(staging->source_db, "COMMIT");
    db_set_staging(staging->source_db, false);
}

void
staging_empty(Sample *sample, int relation)
{
    Staging *staging = sample->staging;

    if (staging->tables[relation].is_created)
    {
        char *sql = mem_format("TRUNCATE ONLY %s", staging->names.tables[relation].qname);

        db_execute(staging->staging_db, sql);
        free(sql);
    }
    sample->tables[relation].is_picked = false;
    sample->n_rows -= sample->tables[relation].n_rows;
    sample->tables[relation].n_rows = 0;
    sample->tables[relation].n_picked = 0;
    staging_set_pass(staging, relation, 0);
}

/* ---- the end */

uint64_t
staging_count_statements(const Staging *staging)
{
    return db_count_statements(staging->staging_db) +
           db_count_statements(staging->source_db);
}

static void
free_tables(Staging *staging)
{
    for (int i = 0; staging->tables != NULL && i < staging->catalog->n_relations; i++)
        termPQExpBuffer(&staging->tables[i].begin);
    free(staging->tables);
    free(staging->scans.relations);
}

void
staging_disconnect(Staging *staging, Db *witness)
{
    if (staging->source_db != NULL)
        (void)db_recover(staging->source_db);
    db_close_surely(staging->source_db, witness);
    staging->source_db = NULL;
    if (staging->has_schema)
        return;
    db_close_surely(staging->staging_db, witness);
    staging->staging_db = NULL;
}

void
staging_close(Staging *staging)
{
    if (staging == NULL)
        return;
    staging_open_now = NULL;
    if (staging->source_db != NULL)
        (void)db_recover(staging->source_db);
    db_close(staging->source_db);
    if (staging->has_schema && !(staging->is_complete && staging->options->is_kept))
        staging_schema_drop_own(staging);
    db_close(staging->staging_db);
    free_tables(staging);
    free(staging);
}
