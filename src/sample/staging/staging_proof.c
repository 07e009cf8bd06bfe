/*
 * The proof (proof.h) in staging mode, by queries over the staging tables.
 *
 * For each table one scan: it has as many rows as were inserted, and none twice; and how
 * many references there are by each of its foreign keys. For each group of foreign keys
 * (model/key_group.h) one anti-join: how many of these references find no staged row.
 * Only their keys are read, and looked up in the source. Many queries are sent at once,
 * to the connections by turns, each of which sees all staged rows outside of a snapshot.
 * Nothing is taken from what closing the sample has counted.
 */
#include "sample/staging/staging.h"

#include <stdlib.h>

#include "base/die.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/plural.h"
#include "db/row.h"
#include "model/query_set_null.h"
#include "model/query_staging.h"
#include "sample/staging/staging_closure.h"
#include "sample/staging/staging_schema.h"
#include "sample/staging/staging_tables.h"

enum
{
    ROWS_FOR_BOTH = 20000, /* below, what each connection learns of tables costs more */
    QUERIES_AT_ONCE = 50,
    KEYS_PER_QUERY = 500 /* with two columns each; a query returns at most 1664 */
};

/* What the server has counted for a foreign key. */
typedef struct KeyCounts
{
    size_t n_references;
    size_t n_partial; /* that violate MATCH FULL */
    size_t n_missing; /* that find no staged row */
} KeyCounts;

/* What a query is about: some foreign keys of a relation, or those of a group. */
typedef struct Subject
{
    int number;
    int first;
    int n;
} Subject;

/* Queries that are sent together. */
typedef struct Lane
{
    Db *db;
    const char *begin; /* of the query string */
    PQExpBufferData sql;
    Subject subjects[QUERIES_AT_ONCE];
    int n;
    int n_tables;  /* that these queries lock */
    size_t n_rows; /* that they read, and those before */
} Lane;

typedef struct Counting
{
    Sample *sample;
    StagingRowsCounted rows_counted;
    KeyCounts *counts; /* by foreign key of the graph */
    Lane lanes[2];
    int n_lanes;
} Counting;

/* ---- asking */

typedef void (*ReadCounts)(Counting *counting, Subject subject, const PGresult *result);

static void
read_lane(Counting *counting, Lane *lane, ReadCounts read)
{
    PGresult *results[QUERIES_AT_ONCE];

    db_query_many_end(lane->db, results, lane->n);
    for (int i = 0; i < lane->n; i++)
    {
        read(counting, lane->subjects[i], results[i]);
        PQclear(results[i]);
    }
    resetPQExpBuffer(&lane->sql);
    lane->n = 0;
    lane->n_tables = 0;
}

static void
ask_queries(Counting *counting, ReadCounts read)
{
    for (int i = 0; i < counting->n_lanes; i++)
    {
        if (counting->lanes[i].n > 0)
            db_query_many_begin(counting->lanes[i].db, counting->lanes[i].sql.data);
    }
    for (int i = 0; i < counting->n_lanes; i++)
    {
        if (counting->lanes[i].n > 0)
            read_lane(counting, &counting->lanes[i], read);
    }
}

/* What a query reads. */
typedef struct Load
{
    int n_tables;
    size_t n_rows;
} Load;

/* A query: where its text is to be appended. */
static PQExpBuffer
add_query(Counting *counting, Subject subject, Load load, ReadCounts read)
{
    int most = 2 * staging_schema_count_at_once(counting->sample->staging);
    Lane *lane = &counting->lanes[counting->n_lanes - 1];

    if (counting->lanes[0].n_rows < lane->n_rows)
        lane = &counting->lanes[0];
    if (lane->n == QUERIES_AT_ONCE ||
        (lane->n > 0 && lane->n_tables + load.n_tables > most))
        ask_queries(counting, read);
    appendPQExpBufferStr(&lane->sql, lane->n > 0 ? ";\n" : lane->begin);
    lane->subjects[lane->n++] = subject;
    lane->n_tables += load.n_tables;
    lane->n_rows += load.n_rows;
    return &lane->sql;
}

/* ---- tables */

static void
check_staged_rows(const Sample *sample, int relation, size_t n_rows, size_t n_distinct)
{
    const Relation *source = sample->layouts[relation].relation;

    if (n_rows == sample->tables[relation].n_rows && n_distinct == n_rows)
        return;
    die_message(EXIT_INCONSISTENT,
                "the staging table of %s has %zu row%s, %zu of them different; %zu %s "
                "staged",
                source->qname, n_rows, plural(n_rows), n_distinct,
                sample->tables[relation].n_rows,
                plural_choose(sample->tables[relation].n_rows, "was", "were"));
}

static void
read_table(Counting *counting, Subject subject, const PGresult *result)
{
    const Sample *sample = counting->sample;
    const IntList *outgoing = &sample->graph->outgoing[subject.number];
    RowReader row = row_reader(result);
    size_t n_rows;

    row_next(&row);
    n_rows = (size_t)row_int64(&row);
    counting->rows_counted(sample, subject.number, n_rows, (size_t)row_int64(&row));
    for (int i = subject.first; i < subject.first + subject.n; i++)
    {
        KeyCounts *counts = &counting->counts[outgoing->items[i]];

        counts->n_references = (size_t)row_int64(&row);
        counts->n_partial = (size_t)row_int64(&row);
    }
}

static void
count_table(Counting *counting, int relation)
{
    const Sample *sample = counting->sample;
    const FkGraph *graph = sample->graph;
    bool may_repeat = graph->incoming[relation].n_items > 0 ||
                      graph->references_to[relation].n_items > 0 ||
                      sample->plan->subset != NULL;
    Load load = {.n_tables = 1, .n_rows = sample->tables[relation].n_rows};
    int n = graph->outgoing[relation].n_items;
    int first = 0;

    do
    {
        Subject subject = {.number = relation,
                           .first = first,
                           .n = n - first < KEYS_PER_QUERY ? n - first : KEYS_PER_QUERY};

        query_staging_count(add_query(counting, subject, load, read_table),
                            &sample->staging->names, graph, relation, may_repeat, first,
                            subject.n);
        first += subject.n;
    } while (first < n);
}

/* ---- groups of foreign keys */

static void
read_group(Counting *counting, Subject subject, const PGresult *result)
{
    RowReader row = row_reader(result);

    (void)subject;
    while (row_next(&row))
    {
        int fk = row_int(&row);

        counting->counts[fk].n_missing = (size_t)row_int64(&row);
    }
}

static void
count_group(Counting *counting, int number)
{
    Sample *sample = counting->sample;
    const KeyGroup *group = &sample->staging->groups.items[number];
    int referenced = group->fks[0]->foreign_key->referenced;
    const GraphKey **fks = mem_alloc((size_t)group->n * sizeof(*fks));
    Load load = {.n_tables = 1, .n_rows = sample->tables[referenced].n_rows};
    int n = 0;

    for (int i = 0; i < group->n; i++)
    {
        size_t n_references = counting->counts[group->fks[i]->number].n_references;

        load.n_rows += n_references;
        if (n_references > 0)
            fks[n++] = group->fks[i];
    }
    load.n_tables += n;
    if (n > 0)
    {
        staging_tables_need(sample->staging, &referenced, 1);
        query_staging_count_missing(add_query(counting, (Subject){.number = number}, load,
                                              read_group),
                                    &sample->staging->names, sample->graph, fks, n);
    }
    free(fks);
}

static void
add_lane(Counting *counting, Db *db, const char *begin)
{
    Lane *lane = &counting->lanes[counting->n_lanes++];

    lane->db = db;
    lane->begin = begin;
    initPQExpBuffer(&lane->sql);
}

/* What both connections count takes less time, but more lock slots. */
static void
choose_lanes(Counting *counting)
{
    const Staging *staging = counting->sample->staging;

    add_lane(counting, staging->staging_db, "");
    if (staging->source_db == NULL || staging->session->is_chunked ||
        counting->sample->n_rows < ROWS_FOR_BOTH)
        return;
    add_lane(counting, staging->source_db, STAGING_JOIN_BY_HASH);
    db_set_staging(staging->source_db, true);
}

static void
end_lanes(Counting *counting)
{
    if (counting->n_lanes == 2)
        db_set_staging(counting->lanes[1].db, false);
    for (int i = 0; i < counting->n_lanes; i++)
        termPQExpBuffer(&counting->lanes[i].sql);
}

static KeyCounts *
count_all(Sample *sample, StagingRowsCounted counted)
{
    const Staging *staging = sample->staging;
    Counting counting = {.sample = sample,
                         .rows_counted = counted,
                         .counts = mem_alloc_zero((size_t)sample->graph->n_fks,
                                                  sizeof(KeyCounts))};

    choose_lanes(&counting);
    for (int i = 0; i < staging->catalog->n_relations; i++)
    {
        log_progress("proving: table %d of %d", i + 1, staging->catalog->n_relations);
        if (staging->tables[i].is_created)
            count_table(&counting, i);
    }
    ask_queries(&counting, read_table);
    for (int i = 0; i < staging->groups.n; i++)
    {
        log_progress("proving: %d of %d", i + 1, staging->groups.n);
        count_group(&counting, i);
    }
    ask_queries(&counting, read_group);
    end_lanes(&counting);
    return counting.counts;
}

/* ---- judging */

static size_t
check_missing(void *context, const GraphKey *fk, const KeyBatch *keys)
{
    const Proving *proving = context;
    const ForeignKey *key = fk->foreign_key;
    ProvenKey *proven = proof_get_key(proving, key);
    size_t length;
    const char *first = keyset_get_of(keys, 0, &length);

    if (proving->sample->plan->tables[key->referenced].is_data_excluded)
        proof_die_excluded(proving->sample, key, first, length);
    if (proven->example == NULL)
        proven->example = mem_format("%.*s", (int)length, first);
    proof_check_absent(proving, fk, keys);
    return keys->n;
}

static void
judge_key(Proving *proving, const GraphKey *fk, KeyCounts counts)
{
    const Sample *sample = proving->sample;
    const ForeignKey *key = fk->foreign_key;
    const KeyGroup alone = {.fks = &fk, .n = 1};
    ProvenKey *proven = proof_get_key(proving, key);

    proven->n_references = counts.n_references;
    proving->proof->n_references += proven->n_references;
    if (sample->plan->tables[key->referenced].is_skipped)
    {
        proven->n_skipped = counts.n_missing;
        counts.n_missing = 0;
    }
    proven->n_dangling = counts.n_partial + counts.n_missing;
    if (counts.n_missing > 0 && proving->session != NULL)
        staging_missing_find(sample, &alone, -1, check_missing, proving);
    if (counts.n_partial > 0)
        proof_note_partial(proven);
    if (proven->n_dangling > 0 && proven->example == NULL)
        proven->example = mem_copy_string("not looked for again");
}

static void
count_staged_ignored(const Proving *proving, const GraphKey *ignored)
{
    const Sample *sample = proving->sample;
    const Staging *staging = sample->staging;
    const ForeignKey *key = ignored->foreign_key;
    ProvenKey *proven = proof_get_key(proving, key);
    PQExpBufferData sql;
    PGresult *result;
    RowReader row;

    if (sample->tables[key->referencing].n_rows == 0)
        return;
    staging_tables_need(sample->staging, &key->referenced, 1);
    initPQExpBuffer(&sql);
    query_set_null_count(&sql, &staging->names, sample->graph, ignored);
    result = db_query_row(staging->staging_db, sql.data);
    row = row_reader(result);
    row_next(&row);
    proven->n_references = (size_t)row_int64(&row);
    proven->n_set_null = (size_t)row_int64(&row);
    PQclear(result);
    termPQExpBuffer(&sql);
}

static void
prove_all(Proof *proof, Sample *sample, Session *session, StagingRowsCounted counted)
{
    Proving proving = proof_begin(proof, sample, session);
    KeyCounts *counts = count_all(sample, counted);

    for (int i = 0; i < sample->graph->n_fks; i++)
        judge_key(&proving, &sample->graph->fks[i], counts[i]);
    free(counts);
    for (int i = 0; i < sample->graph->n_ignored; i++)
        count_staged_ignored(&proving, &sample->graph->ignored[i]);
    log_progress_clear();
}

void
staging_proof_count(Proof *proof, Sample *sample, StagingRowsCounted counted)
{
    prove_all(proof, sample, NULL, counted);
}

void
staging_proof_run(Proof *proof, Sample *sample, Session *session)
{
    prove_all(proof, sample, session, check_staged_rows);
    proof_report(proof, sample->plan, session);
}
