/*
 * The proof (proof.h) in staging mode, by queries over the staging tables.
 *
 * For each table: it has as many rows as were inserted, and none twice. For each foreign
 * key one anti-join: how many references there are, and how many find no staged row; only
 * the keys of these are read, and looked up in the source. Many are asked for at once.
 * Nothing is taken from what closing the sample has counted.
 */
#include "sample/staging/staging.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/plural.h"
#include "db/row.h"
#include "model/query_set_null.h"
#include "model/query_staging.h"
#include "sample/staging/staging_closure.h"
#include "sample/staging/staging_tables.h"

enum
{
    COUNTS_PER_QUERY = 50
};

static void
check_staged_rows(const Sample *sample, int relation, int64_t n_rows, int64_t n_distinct)
{
    const Relation *source = sample->layouts[relation].relation;

    if ((size_t)n_rows == sample->tables[relation].n_rows && n_distinct == n_rows)
        return;
    die_message(EXIT_INCONSISTENT,
                "the staging table of %s has %" PRId64 " row%s, %" PRId64
                " of them different; %zu %s staged",
                source->qname, n_rows, plural(n_rows), n_distinct,
                sample->tables[relation].n_rows,
                plural_choose(sample->tables[relation].n_rows, "was", "were"));
}

static void
check_staged_counts(const Sample *sample, const char *sql)
{
    PGresult *result = db_query(sample->staging->staging_db, sql);
    RowReader row = row_reader(result);

    while (row_next(&row))
    {
        int relation = row_int(&row);
        int64_t n_rows = row_int64(&row);

        check_staged_rows(sample, relation, n_rows, row_int64(&row));
    }
    PQclear(result);
}

void
staging_proof_count_rows(const Sample *sample)
{
    const Staging *staging = sample->staging;
    PQExpBufferData sql;
    int n = 0;

    initPQExpBuffer(&sql);
    for (int i = 0; i < staging->catalog->n_relations; i++)
    {
        if (staging->tables[i].is_created)
        {
            appendPQExpBufferStr(&sql, n++ == 0 ? "" : "UNION ALL\n");
            query_staging_count(&sql, &staging->names, i,
                                sample->graph->incoming[i].n_items > 0 ||
                                    sample->graph->references_to[i].n_items > 0 ||
                                    sample->plan->subset != NULL);
        }
        if (n < COUNTS_PER_QUERY && (n == 0 || i + 1 < staging->catalog->n_relations))
            continue;
        check_staged_counts(sample, sql.data);
        resetPQExpBuffer(&sql);
        n = 0;
    }
    termPQExpBuffer(&sql);
}

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

/* Runs a SELECT of n numbers, and releases it. */
static void
read_counts(const Staging *staging, PQExpBuffer sql, size_t *counts, int n)
{
    PGresult *result = db_query_row(staging->staging_db, sql->data);

    for (int i = 0; i < n; i++)
        counts[i] = strtoull(PQgetvalue(result, 0, i), NULL, 10);
    PQclear(result);
    termPQExpBuffer(sql);
}

/* What the server has counted for a foreign key. */
typedef struct KeyCounts
{
    size_t n_references;
    size_t n_partial; /* that violate MATCH FULL */
    size_t n_missing; /* that find no staged row */
} KeyCounts;

static void
judge_key(Proving *proving, const GraphKey *fk, KeyCounts counts)
{
    const Sample *sample = proving->sample;
    const ForeignKey *key = fk->foreign_key;
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
        staging_missing_find(sample->staging, fk, -1, check_missing, proving);
    if (counts.n_partial > 0)
        proof_note_partial(proven);
    if (proven->n_dangling > 0 && proven->example == NULL)
        proven->example = mem_copy_string("not looked for again");
}

/* Foreign keys that are counted by one query string, a query for each. */
typedef struct KeyQueries
{
    PQExpBufferData sql;
    int fks[COUNTS_PER_QUERY];
    int n;
} KeyQueries;

static void
run_key_queries(Proving *proving, KeyQueries *queries)
{
    const FkGraph *graph = proving->sample->graph;
    PGresult *results[COUNTS_PER_QUERY];

    if (queries->n == 0)
        return;
    db_query_many(proving->sample->staging->staging_db, queries->sql.data, results,
                  queries->n);
    for (int i = 0; i < queries->n; i++)
    {
        RowReader row = row_reader(results[i]);
        KeyCounts counts;

        row_next(&row);
        counts.n_references = (size_t)row_int64(&row);
        counts.n_partial = (size_t)row_int64(&row);
        counts.n_missing = (size_t)row_int64(&row);
        PQclear(results[i]);
        judge_key(proving, &graph->fks[queries->fks[i]], counts);
    }
    resetPQExpBuffer(&queries->sql);
    queries->n = 0;
}

static void
add_key_query(Proving *proving, KeyQueries *queries, int number)
{
    Sample *sample = proving->sample;
    const GraphKey *fk = &sample->graph->fks[number];

    if (sample->tables[fk->foreign_key->referencing].n_rows == 0)
        return;
    staging_tables_need(sample->staging, &fk->foreign_key->referenced, 1);
    appendPQExpBufferStr(&queries->sql, queries->n > 0 ? ";\n" : "");
    query_staging_prove(&queries->sql, &sample->staging->names, sample->graph, fk);
    queries->fks[queries->n++] = number;
    if (queries->n == COUNTS_PER_QUERY)
        run_key_queries(proving, queries);
}

static void
count_staged_ignored(const Proving *proving, const GraphKey *ignored)
{
    const Sample *sample = proving->sample;
    const Staging *staging = sample->staging;
    const ForeignKey *key = ignored->foreign_key;
    ProvenKey *proven = proof_get_key(proving, key);
    PQExpBufferData sql;
    size_t counts[2];

    if (sample->tables[key->referencing].n_rows == 0)
        return;
    staging_tables_need(sample->staging, &key->referenced, 1);
    initPQExpBuffer(&sql);
    query_set_null_count(&sql, &staging->names, sample->graph, ignored);
    read_counts(staging, &sql, counts, 2);
    proven->n_references = counts[0];
    proven->n_set_null = counts[1];
}

static void
prove_all(Proof *proof, Sample *sample, Session *session)
{
    Proving proving = proof_begin(proof, sample, session);
    KeyQueries queries = {.n = 0};

    initPQExpBuffer(&queries.sql);
    for (int i = 0; i < sample->graph->n_fks; i++)
    {
        log_progress("proving: %d of %d", i + 1, sample->graph->n_fks);
        add_key_query(&proving, &queries, i);
    }
    run_key_queries(&proving, &queries);
    termPQExpBuffer(&queries.sql);
    for (int i = 0; i < sample->graph->n_ignored; i++)
        count_staged_ignored(&proving, &sample->graph->ignored[i]);
    log_progress_clear();
}

void
staging_proof_count_references(Proof *proof, Sample *sample)
{
    prove_all(proof, sample, NULL);
}

void
staging_proof_run(Proof *proof, Sample *sample, Session *session)
{
    staging_proof_count_rows(sample);
    prove_all(proof, sample, session);
    proof_report(proof, sample->plan, session);
}
