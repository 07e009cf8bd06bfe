#include "sample/staging/staging.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/recovery.h"
#include "base/signals.h"
#include "model/query.h"
#include "model/query_staging.h"
#include "sample/budget.h"
#include "sample/fetch.h"
#include "sample/staging/staging_schema.h"

enum
{
    MAX_TABLES_AT_ONCE = 50,
    MIN_TABLES_AT_ONCE = 10,
    LOCKS_PER_TABLE = 5 /* itself, its TOAST table, their indexes */
};

#define LOCK_NOT_AVAILABLE "55P03"

/* While the holder has the lock, a wait is one for somebody who waits for the holder. */
#define WRITER_PATIENCE "2s"

/* The one that is to be closed at exit. */
static Stage *stage_open_now;

static void
close_at_exit(void)
{
    const Stage *stage = stage_open_now;

    if (stage != NULL && stage->is_complete && stage->options->is_kept)
        log_notice("the sample is kept in schema %s; --resume writes its dump",
                   stage->names.qschema);
    stage_close(stage_open_now);
}

Stage *
stage_new(Session *session, const StageOptions *options)
{
    static bool is_registered;
    Stage *stage = mem_alloc_zero(1, sizeof(*stage));

    stage->options = options;
    stage->session = session;
    if (!is_registered && atexit(close_at_exit) != 0)
        die_message(EXIT_OUTPUT, "could not register a clean-up function");
    is_registered = true;
    stage_open_now = stage;
    return stage;
}

/* ---- what must be true before anything is made */

static _Noreturn void
refuse(const char *reason)
{
    Diag diag = {0};

    diag_set_message(&diag, "%s", reason);
    die_staging(&diag);
}

static Db *
connect_another(Stage *stage)
{
    Db *db;

    signals_begin_uninterruptible();
    db = db_try_connect_again(stage->session->holder);
    signals_end_uninterruptible();
    if (db == NULL)
        refuse("the server gives no further connection");
    return db;
}

/* What a role or server is by its nature, and no surprise. */
static void
check_server(Stage *stage)
{
    char *answer;

    stage->is_unfit = true;
    if (stage->catalog->is_standby)
        refuse("the server is a standby");
    answer = db_query_value(stage->keeper, "SHOW default_transaction_read_only");
    if (strcmp(answer, "on") == 0)
        refuse("transactions are read-only by default");
    free(answer);
    answer = db_query_value(stage->keeper, "SELECT pg_catalog.has_database_privilege("
                                           "pg_catalog.current_database(), 'CREATE')");
    if (answer[0] != 't')
    {
        Diag diag = {0};

        diag_set_message(&diag, "no CREATE privilege on database \"%s\"",
                         db_name(stage->keeper));
        die_staging(&diag);
    }
    free(answer);
    stage->is_unfit = false;
}

static void
prepare_connections(Stage *stage)
{
    static const char *const settings[] = {"default_transaction_read_only",
                                           "off",
                                           "synchronous_commit",
                                           "off",
                                           "client_min_messages",
                                           "warning",
                                           NULL};

    stage->keeper = connect_another(stage);
    check_server(stage);
    session_prepare(stage->session, stage->keeper);
    db_set_staging(stage->keeper, true);
    db_set(stage->keeper, settings);
    stage->writer = connect_another(stage);
    session_prepare(stage->session, stage->writer);
    session_choose_path(stage->session, stage->writer);
    db_set(stage->writer, settings);
    if (!stage->session->is_chunked)
        db_set(stage->writer,
               (const char *const[]){"lock_timeout", WRITER_PATIENCE, NULL});
    /* is there one more for pg_dump, which must not fail because of these? */
    if (!db_is_pooled(stage->keeper))
        db_close_surely(connect_another(stage), stage->keeper);
}

/* ---- tables */

static void
mark_tables(Stage *stage)
{
    const Plan *plan = stage->plan;

    for (int i = 0; i < stage->catalog->n_relations; i++)
        stage->tables[i].is_created =
            plan->tables[i].is_needed || stage->catalog->relations[i].is_configuration;
    for (int i = 0; i < stage->graph->n_edges; i++)
    {
        const ForeignKey *key = stage->graph->edges[i].foreign_key;

        if (plan->tables[key->referencing].is_needed)
            stage->tables[key->referenced].is_created = true;
    }
    /* what rows of ignored keys are looked up in may be empty */
    for (int i = 0; i < stage->graph->n_ignored; i++)
    {
        const ForeignKey *key = stage->graph->ignored[i].edge.foreign_key;

        if (plan->tables[key->referencing].is_needed)
            stage->tables[key->referenced].is_created = true;
    }
    for (int i = 0; i < stage->catalog->n_references; i++)
    {
        const Reference *reference = &stage->catalog->references[i];

        if (plan->tables[reference->referencing].is_needed)
            stage->tables[reference->referenced].is_created = true;
    }
}

int
stage_count_at_once(const Stage *stage)
{
    int n = stage->session->chunk_locks / LOCKS_PER_TABLE;

    if (n < MIN_TABLES_AT_ONCE)
        return MIN_TABLES_AT_ONCE;
    return n < MAX_TABLES_AT_ONCE ? n : MAX_TABLES_AT_ONCE;
}

static void
create_tables(Stage *stage)
{
    int at_once = stage_count_at_once(stage);
    PQExpBufferData sql;
    int n = 0;

    initPQExpBuffer(&sql);
    for (int i = 0; i < stage->catalog->n_relations; i++)
    {
        if (!stage->tables[i].is_created)
            continue;
        query_stage_create(&sql, &stage->names, stage->catalog, i);
        if (++n % at_once != 0)
            continue;
        db_execute(stage->keeper, sql.data);
        resetPQExpBuffer(&sql);
        log_progress("creating staging tables: %d", n);
    }
    if (sql.len > 0)
        db_execute(stage->keeper, sql.data);
    termPQExpBuffer(&sql);
}

void
stage_plan(Stage *stage, const Plan *plan)
{
    const Catalog *catalog = plan->catalog;

    stage->plan = plan;
    stage->catalog = catalog;
    stage->graph = graph_build_keyed(catalog);
    stage->names = stage_names_choose(catalog, stage->options->schema);
    stage->tables = mem_alloc_zero((size_t)catalog->n_relations, sizeof(StagedTable));
    for (int i = 0; i < catalog->n_relations; i++)
        initPQExpBuffer(&stage->tables[i].begin);
}

/* A schema that is in use is known by a lock, which transactions do not keep. */
static void
check_pooler(const Stage *stage)
{
    Db *db = stage->session->holder;
    const char *reason;

    if (stage->options->is_requested)
        db_need_session(db, "staging");
    reason = db_lacks_session(db);
    if (reason != NULL)
        refuse(reason);
}

void
stage_connect(Stage *stage, const Plan *plan)
{
    check_pooler(stage);
    stage_plan(stage, plan);
    prepare_connections(stage);
}

void
stage_open(Stage *stage)
{
    mark_tables(stage);
    stage_schema_create(stage);
    create_tables(stage);
}

Sample *
stage_new_sample(Stage *stage)
{
    const RowLayout *layouts = layout_build(stage->graph);
    Sample *sample = sample_new(stage->plan, stage->graph, layouts, 0, false);

    stage->fetch_layouts = query_stage_layouts(layouts, stage->catalog);
    sample->fetch_layouts = stage->fetch_layouts;
    sample->stage = stage;
    for (int i = 0; i < stage->catalog->n_relations; i++)
        stage_set_pass(stage, i, 0);
    return sample;
}

/* ---- rows */

void
stage_set_pass(Stage *stage, int relation, int pass)
{
    StagedTable *table = &stage->tables[relation];

    table->pass = pass;
    query_stage_set_pass(&table->begin, &stage->fetch_layouts[relation], &stage->names,
                         pass);
}

/* The short transaction that each statement of the writer is. */
static void
append_begin(PQExpBuffer sql, const Stage *stage)
{
    char *snapshot = db_quote_literal(stage->writer, stage->session->snapshot);

    appendPQExpBuffer(sql,
                      "BEGIN ISOLATION LEVEL REPEATABLE READ READ WRITE;\n"
                      "SET TRANSACTION SNAPSHOT %s;\n",
                      snapshot);
    PQfreemem(snapshot);
}

/* The same statement as a COPY to here, or an empty buffer. */
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
 * Is it the source that cannot be read, or the staging table that cannot be written? What
 * only reads tells: it ends the program where the source is at fault.
 */
static void
read_instead(Stage *stage, int relation, const char *sql)
{
    const Relation *source = &stage->catalog->relations[relation];
    PQExpBufferData begin;
    PQExpBufferData copy;
    char *line;

    initPQExpBuffer(&begin);
    initPQExpBuffer(&copy);
    append_begin(&begin, stage);
    rewrite_as_copy(&copy, &stage->fetch_layouts[relation], sql);
    db_execute(stage->writer, "ROLLBACK");
    db_set_context(stage->writer, "could not read table %s", source->qname);
    db_execute(stage->writer, begin.data);
    if (copy.len > 0)
    {
        db_copy_begin(stage->writer, copy.data);
        while (db_copy_row(stage->writer, &line) >= 0)
            continue;
    }
    db_execute(stage->writer, "ROLLBACK");
    db_set_context(stage->writer, NULL);
    termPQExpBuffer(&begin);
    termPQExpBuffer(&copy);
}

static _Noreturn void
fail_to_insert(Stage *stage, int relation, const char *sql, const PGresult *result)
{
    const Relation *source = &stage->catalog->relations[relation];
    const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    Diag diag = {0};

    /* without the holder of the snapshot everything fails */
    db_execute(stage->session->holder, "SELECT");
    if (!db_has_sqlstate(result, LOCK_NOT_AVAILABLE) || stage->session->is_chunked)
    {
        if (sqlstate != NULL && strncmp(sqlstate, "57", 2) != 0)
            read_instead(stage, relation, sql);
        db_set_staging(stage->writer, true);
        db_die(stage->writer, result, NULL);
    }
    diag_set_message(&diag,
                     "an exclusive lock on table %s is waited for, behind those of this "
                     "run",
                     source->qname);
    die_staging(&diag);
}

/*
 * Runs the statement of the writer's that reads the relations; returns what it inserts.
 */
static PGresult *
write_reading(Stage *stage, const int *relations, int n, const char *sql,
              uint64_t *n_rows)
{
    PQExpBufferData text;
    PGresult *result;

    initPQExpBuffer(&text);
    append_begin(&text, stage);
    if (stage->session->is_chunked)
    {
        db_execute(stage->writer, text.data);
        resetPQExpBuffer(&text);
    }
    for (int i = 0; i < n; i++)
    {
        const Relation *source = &stage->catalog->relations[relations[i]];

        if (stage->plan->tables[relations[i]].is_lost)
            continue;
        stage->session->reading = source;
        if (stage->session->is_chunked)
            session_lock_unchanged(stage->writer, source);
        else
            appendPQExpBuffer(&text, "LOCK TABLE %s%s IN ACCESS SHARE MODE;\n",
                              source->is_partitioned ? "" : "ONLY ", source->qname);
    }
    /* which of several is to blame for an error cannot be told */
    if (n > 1)
        stage->session->reading = NULL;
    appendPQExpBuffer(&text, "%s;\nCOMMIT", sql);
    result = db_try_counting(stage->writer, text.data, n_rows);
    termPQExpBuffer(&text);
    return result;
}

size_t
stage_insert(Sample *sample, int relation, const char *sql)
{
    Stage *stage = sample->stage;
    StagedTable *table = &stage->tables[relation];
    uint64_t n;
    PGresult *result = write_reading(stage, &relation, 1, sql, &n);

    if (!db_succeeded(result))
        fail_to_insert(stage, relation, sql, result);
    PQclear(result);
    if (n > 0)
    {
        if (sample->tables[relation].n_rows == 0)
            table->first_pass = table->pass;
        table->last_pass = table->pass;
    }
    sample->tables[relation].n_rows += n;
    sample->n_rows += n;
    budget_check(sample);
    log_progress("%s: %zu rows", stage->catalog->relations[relation].qname,
                 sample->tables[relation].n_rows);
    return n;
}

void
stage_insert_reached(Stage *stage, const Component *component, const char *sql)
{
    uint64_t n;
    PGresult *result = write_reading(stage, component->relations.items,
                                     component->relations.n_items, sql, &n);

    if (!db_succeeded(result))
    {
        /* with --continue-on-error the source may be at fault, which shows without it */
        db_set_staging(stage->writer, !rescue_is_open(RESCUE_TABLE) ||
                                          db_has_sqlstate(result, LOCK_NOT_AVAILABLE));
        db_set_context(stage->writer, "could not follow the chains of table %s",
                       stage->catalog->relations[component->relations.items[0]].qname);
        db_die(stage->writer, result, NULL);
    }
    PQclear(result);
}

RowId *
stage_list_places(Sample *sample, int relation, size_t *n)
{
    Stage *stage = sample->stage;
    PQExpBufferData sql;
    RowId *ids;

    initPQExpBuffer(&sql);
    query_stage_places(&sql, &stage->names, relation);
    ids = fetch_places(stage->keeper, &stage->catalog->relations[relation], sql.data, n);
    termPQExpBuffer(&sql);
    return ids;
}

void
stage_begin_writing(Stage *stage)
{
    PQExpBufferData sql;

    initPQExpBuffer(&sql);
    append_begin(&sql, stage);
    db_set_staging(stage->writer, true);
    db_execute(stage->writer, sql.data);
    termPQExpBuffer(&sql);
}

void
stage_end_writing(Stage *stage)
{
    db_execute(stage->writer, "COMMIT");
    db_set_staging(stage->writer, false);
}

void
stage_empty(Sample *sample, int relation)
{
    Stage *stage = sample->stage;
    char *sql = mem_format("TRUNCATE ONLY %s", stage->names.tables[relation].qname);

    db_execute(stage->keeper, sql);
    free(sql);
    sample->n_rows -= sample->tables[relation].n_rows;
    sample->tables[relation].n_rows = 0;
    sample->tables[relation].n_picked = 0;
    stage_set_pass(stage, relation, 0);
}

Db *
stage_begin_scan(Sample *sample, int relation, bool is_ordered)
{
    Stage *stage = sample->stage;
    PQExpBufferData sql;

    initPQExpBuffer(&sql);
    query_stage_rows(&sql, &stage->names, stage->graph, &sample->layouts[relation],
                     is_ordered);
    db_set_context(stage->keeper, "could not read staging table %s",
                   stage->names.tables[relation].qname);
    db_copy_begin(stage->keeper, sql.data);
    termPQExpBuffer(&sql);
    return stage->keeper;
}

/* ---- the end */

uint64_t
stage_count_statements(const Stage *stage)
{
    return db_count_statements(stage->keeper) + db_count_statements(stage->writer);
}

static void
free_tables(Stage *stage)
{
    for (int i = 0; stage->tables != NULL && i < stage->catalog->n_relations; i++)
        termPQExpBuffer(&stage->tables[i].begin);
    free(stage->tables);
}

void
stage_disconnect(Stage *stage, Db *witness)
{
    if (stage->writer != NULL)
        (void)db_recover(stage->writer);
    db_close_surely(stage->writer, witness);
    stage->writer = NULL;
    if (stage->has_schema)
        return;
    db_close_surely(stage->keeper, witness);
    stage->keeper = NULL;
}

void
stage_close(Stage *stage)
{
    if (stage == NULL)
        return;
    stage_open_now = NULL;
    if (stage->writer != NULL)
        (void)db_recover(stage->writer);
    db_close(stage->writer);
    if (stage->has_schema && !(stage->is_complete && stage->options->is_kept))
        stage_schema_drop_own(stage);
    db_close(stage->keeper);
    free_tables(stage);
    free(stage);
}
