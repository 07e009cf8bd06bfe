#include "sample/fetch.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "model/query.h"
#include "sample/direct/collect.h"
#include "sample/row_ids.h"
#include "sample/staging/staging.h"
#include "sample/staging/staging_tables.h"

/*
 * The connection to read the relation with, locked as well for the tables in which the
 * same statement looks up referenced ids.
 */
static Db *
get_row_reader(const Sample *sample, Session *session, int relation)
{
    const Relation *relations = sample->plan->catalog->relations;
    const IntList *outgoing = &sample->graph->outgoing[relation];
    const IntList *ignored = &sample->graph->ignored_of[relation];

    for (int i = 0; i < outgoing->n_items; i++)
    {
        const GraphKey *fk = &sample->graph->fks[outgoing->items[i]];

        if (fk->referenced_key < 0)
            session_get_reader(session, &relations[fk->foreign_key->referenced]);
    }
    for (int i = 0; i < ignored->n_items; i++)
    {
        const GraphKey *fk = graph_get_ignored(sample->graph, relation, i);

        if (fk->referenced_key < 0)
            session_get_reader(session, &relations[fk->foreign_key->referenced]);
    }
    return session_get_reader(session, &relations[relation]);
}

/* Takes the rows of the COPY that has begun; returns how many were new. */
static size_t
collect_rows(Sample *sample, int relation, Db *db)
{
    enum
    {
        ROWS_PER_PROGRESS = 50000
    };
    const Relation *table = &sample->plan->catalog->relations[relation];
    size_t n_new = 0;
    char *line;
    ssize_t length;

    while ((length = db_copy_row(db, &line)) >= 0)
    {
        if (collect_row(sample, relation, line, (size_t)length) &&
            ++n_new % ROWS_PER_PROGRESS == 0)
            log_progress("%s: %zu rows", table->qname, sample->tables[relation].n_rows);
    }
    collect_flush(sample);
    return n_new;
}

size_t
fetch_rows(Sample *sample, Session *session, int relation, const char *sql)
{
    size_t n_new;
    Db *db;

    if (sample->staging != NULL)
        return staging_insert(sample, relation, sql);
    db = get_row_reader(sample, session, relation);
    db_set_context(db, "could not read table %s",
                   sample->plan->catalog->relations[relation].qname);
    db_copy_begin(db, sql);
    n_new = collect_rows(sample, relation, db);
    db_set_context(db, NULL);
    return n_new;
}

void
fetch_rows_of_many(Sample *sample, Session *session, const int *relations, int n,
                   const char *sql)
{
    Db *db = NULL;

    for (int i = 0; i < n; i++)
    {
        double start = clock_seconds();

        /* what fails from here on is about this relation */
        db = get_row_reader(sample, session, relations[i]);
        db_set_context(db, "could not read table %s",
                       sample->plan->catalog->relations[relations[i]].qname);
        if (i == 0)
            db_copy_begin_many(db, sql, n);
        else
            db_copy_next(db);
        collect_rows(sample, relations[i], db);
        sample->tables[relations[i]].seconds += clock_seconds() - start;
    }
    if (db != NULL)
        db_set_context(db, NULL);
}

size_t
fetch_count_batch(const RowId *ids, size_t n)
{
    return rowid_count_same_leaf(ids, n < FETCH_MAX_KEYS ? n : FETCH_MAX_KEYS);
}

/*
 * The sorted ids of so many leaves at once, since each transaction of the source locks
 * all leaves of the table. Returns how many ids there were; 0 if they are to be tried
 * leaf by leaf.
 */
static size_t
stage_ids_of_leaves(Sample *sample, int relation, const RowId *ids, size_t n)
{
    enum
    {
        MAX_LEAVES = 100
    };
    int relations[MAX_LEAVES];
    PQExpBufferData sql;
    size_t n_ids = 0;
    bool is_done;
    int n_leaves;

    initPQExpBuffer(&sql);
    for (n_leaves = 0; n_leaves < MAX_LEAVES && n_ids < n; n_leaves++)
    {
        size_t batch = fetch_count_batch(ids + n_ids, n - n_ids);

        if (n_leaves > 0 && n_ids + batch > FETCH_MAX_KEYS)
            break;
        if (n_leaves > 0)
            appendPQExpBufferStr(&sql, ";\n");
        query_fetch_by_id(&sql, &sample->fetch_layouts[relation], ids + n_ids, batch);
        relations[n_leaves] = relation;
        n_ids += batch;
    }
    staging_tables_need(sample->staging, &relation, 1);
    is_done = n_leaves > 1 && staging_insert_many(sample, relations, n_leaves, sql.data);
    termPQExpBuffer(&sql);
    return is_done ? n_ids : 0;
}

size_t
fetch_ids(Sample *sample, Session *session, int relation, RowId *ids, size_t n)
{
    size_t n_before = sample->tables[relation].n_rows;
    /* a budget is checked after each statement */
    bool is_staged = sample->staging != NULL && sample->budget == NULL;
    size_t n_staged = 0;
    PQExpBufferData sql;
    size_t n_new = 0;

    rowid_sort(ids, n);
    for (size_t done = 1; is_staged && n_staged < n && done > 0; n_staged += done)
        done = stage_ids_of_leaves(sample, relation, ids + n_staged, n - n_staged);
    n_new = sample->tables[relation].n_rows - n_before;
    initPQExpBuffer(&sql);
    for (size_t i = n_staged; i < n;)
    {
        size_t batch = fetch_count_batch(ids + i, n - i);

        resetPQExpBuffer(&sql);
        query_fetch_by_id(&sql, &sample->fetch_layouts[relation], ids + i, batch);
        n_new += fetch_rows(sample, session, relation, sql.data);
        i += batch;
    }
    termPQExpBuffer(&sql);
    return n_new;
}

size_t
fetch_found(Sample *sample, Session *session, int relation, Db *db, const char *sql)
{
    const Relation *source = &sample->plan->catalog->relations[relation];
    RowId *ids = mem_alloc(FETCH_MAX_KEYS * sizeof(*ids));
    size_t n = 0;
    size_t n_new = 0;
    char *line;
    ssize_t length;

    db_copy_begin(db, sql);
    while ((length = db_copy_row(db, &line)) >= 0)
    {
        ids[n++] = row_ids_parse(source, line, (size_t)length);
        if (n < FETCH_MAX_KEYS)
            continue;
        n_new += fetch_ids(sample, session, relation, ids, n);
        n = 0;
    }
    n_new += fetch_ids(sample, session, relation, ids, n);
    free(ids);
    return n_new;
}
