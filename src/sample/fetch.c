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

size_t
fetch_ids(Sample *sample, Session *session, int relation, RowId *ids, size_t n)
{
    PQExpBufferData sql;
    size_t n_new = 0;

    initPQExpBuffer(&sql);
    rowid_sort(ids, n);
    for (size_t i = 0; i < n;)
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
