/*
 * Reading the rows of staging tables.
 *
 * Tables are read one after the other, in an order that is known beforehand. So with a
 * small one the small ones that follow it are asked for as well, in one query string,
 * and when they are read in that order the rows are there; and those that follow these
 * the other connection is asked for, so that the server sorts them meanwhile. Rows come
 * as they are read, so memory does not grow; and whoever asks the connection for
 * something else in between, or for another table, makes the rest of the answer void
 * (db_copy_begin_many()), so that tables not read yet are asked for again.
 */
#include "sample/staging/staging.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "model/query_staging.h"
#include "sample/staging/staging_schema.h"

enum
{
    SMALL_SCAN = 2000 /* rows */
};

void
staging_scan_plan(Sample *sample, const int *relations, int n)
{
    StagingScans *scans;

    if (sample->staging == NULL)
        return;
    scans = &sample->staging->scans;
    free(scans->relations);
    scans->relations = mem_alloc((size_t)n * sizeof(*relations));
    scans->n = 0;
    scans->next = scans->end = scans->ahead_end = 0;
    scans->db = sample->staging->staging_db;
    for (int i = 0; i < n; i++)
    {
        if (sample->tables[relations[i]].n_rows > 0 &&
            !sample->layouts[relations[i]].relation->is_extension_member)
            scans->relations[scans->n++] = relations[i];
    }
}

static void
append_scan(PQExpBuffer sql, const Sample *sample, int relation, bool is_ordered)
{
    const Staging *staging = sample->staging;

    query_staging_rows(sql, &staging->names, staging->graph, &sample->layouts[relation],
                       is_ordered);
}

/* The place of the relation among those that are planned, at or behind the next; or n. */
static int
find_planned(const StagingScans *scans, int relation)
{
    int i = scans->next;

    while (i < scans->n && scans->relations[i] != relation)
        i++;
    return i;
}

/* The place behind it and small tables after it: what is asked for at once. */
static int
find_end(const Sample *sample, int place)
{
    const StagingScans *scans = &sample->staging->scans;
    int end = place + staging_schema_count_at_once(sample->staging);
    int i = place;

    while (i < scans->n && i < end &&
           sample->tables[scans->relations[i]].n_rows <= SMALL_SCAN)
        i++;
    return i > place ? i : place + 1;
}

/* Asks for the planned relations of these places. */
static void
post_planned(const Sample *sample, Db *db, int place, int end)
{
    const StagingScans *scans = &sample->staging->scans;
    PQExpBufferData sql;

    initPQExpBuffer(&sql);
    if (db != sample->staging->staging_db)
        appendPQExpBufferStr(&sql, STAGING_JOIN_BY_HASH);
    for (int i = place; i < end; i++)
    {
        appendPQExpBufferStr(&sql, i > place ? ";\n" : "");
        append_scan(&sql, sample, scans->relations[i], scans->is_ordered);
    }
    db_copy_post_many(db, sql.data, end - place);
    termPQExpBuffer(&sql);
}

static Db *
get_other(const Staging *staging, const Db *db)
{
    return db == staging->staging_db ? staging->source_db : staging->staging_db;
}

/* Asks the other connection for the next ones, unless that has something else to do. */
static void
post_ahead(Sample *sample)
{
    const Staging *staging = sample->staging;
    StagingScans *scans = &sample->staging->scans;
    Db *other = get_other(staging, scans->db);

    scans->ahead_end = scans->end;
    if (scans->end == scans->n || other == NULL || staging->session->is_chunked ||
        !db_is_idle(other))
        return;
    scans->ahead_end = find_end(sample, scans->end);
    post_planned(sample, other, scans->end, scans->ahead_end);
}

/* Is it the first one that the other connection has been asked for? */
static bool
is_ahead(const Staging *staging, int place, bool is_ordered)
{
    const StagingScans *scans = &staging->scans;

    return place == scans->end && place < scans->ahead_end &&
           scans->is_ordered == is_ordered &&
           db_copy_has_next(get_other(staging, scans->db));
}

/* The planned relation, and what follows it. */
static void
scan_planned(Sample *sample, int place, bool is_ordered)
{
    StagingScans *scans = &sample->staging->scans;

    if (is_ahead(sample->staging, place, is_ordered))
    {
        scans->db = get_other(sample->staging, scans->db);
        scans->end = scans->ahead_end;
    }
    else
    {
        scans->db = sample->staging->staging_db;
        scans->end = find_end(sample, place);
        scans->is_ordered = is_ordered;
        post_planned(sample, scans->db, place, scans->end);
    }
    scans->next = place + 1;
    post_ahead(sample);
}

static void
set_context(const Staging *staging, Db *db, int relation)
{
    db_set_context(db, "could not read staging table %s",
                   staging->names.tables[relation].qname);
    if (db == staging->source_db)
        db_set_staging(db, true);
}

static void
scan_alone(Sample *sample, int relation, bool is_ordered)
{
    PQExpBufferData sql;

    initPQExpBuffer(&sql);
    append_scan(&sql, sample, relation, is_ordered);
    db_copy_begin(sample->staging->staging_db, sql.data);
    termPQExpBuffer(&sql);
}

/* Is it what the answer that has begun goes on with? */
static bool
is_next(const StagingScans *scans, int relation, bool is_ordered)
{
    return scans->next < scans->end && scans->relations[scans->next] == relation &&
           scans->is_ordered == is_ordered && db_copy_has_next(scans->db);
}

Db *
staging_scan_begin(Sample *sample, int relation, bool is_ordered)
{
    Staging *staging = sample->staging;
    StagingScans *scans = &staging->scans;
    int place = find_planned(scans, relation);

    if (place == scans->n)
    {
        set_context(staging, staging->staging_db, relation);
        scan_alone(sample, relation, is_ordered);
        return staging->staging_db;
    }
    if (is_next(scans, relation, is_ordered))
        scans->next++;
    else
        scan_planned(sample, place, is_ordered);
    set_context(staging, scans->db, relation);
    db_copy_next(scans->db);
    return scans->db;
}
