/*
 * Reading the rows of staging tables.
 *
 * Tables are read one after the other, in an order that is known beforehand. So with a
 * small one the small ones that follow it are asked for as well, in one query string,
 * and when they are read in that order the rows are there. Rows come as they are read,
 * so memory does not grow; and whoever asks the connection for something else in
 * between, or for another table, makes the rest of the answer void
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
    scans->next = scans->end = 0;
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

/*
 * The place behind the small tables that begin there; as many as are asked for at once.
 */
static int
find_end(const Sample *sample, int place)
{
    const StagingScans *scans = &sample->staging->scans;
    int end = place + staging_schema_count_at_once(sample->staging);
    int i = place;

    while (i < scans->n && i < end &&
           sample->tables[scans->relations[i]].n_rows <= SMALL_SCAN)
        i++;
    return i;
}

/* Asks for the planned relation, and small ones after it. */
static void
scan_planned(Sample *sample, int place, bool is_ordered)
{
    Staging *staging = sample->staging;
    StagingScans *scans = &staging->scans;
    int end = find_end(sample, place);
    PQExpBufferData sql;

    scans->next = place + 1;
    scans->end = end > scans->next ? end : scans->next;
    scans->is_ordered = is_ordered;
    initPQExpBuffer(&sql);
    for (int i = place; i < scans->end; i++)
    {
        appendPQExpBufferStr(&sql, i > place ? ";\n" : "");
        append_scan(&sql, sample, scans->relations[i], is_ordered);
    }
    db_copy_begin_many(staging->staging_db, sql.data, scans->end - place);
    termPQExpBuffer(&sql);
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
is_next(const Staging *staging, int relation, bool is_ordered)
{
    const StagingScans *scans = &staging->scans;

    return scans->next < scans->end && scans->relations[scans->next] == relation &&
           scans->is_ordered == is_ordered && db_copy_has_next(staging->staging_db);
}

Db *
staging_scan_begin(Sample *sample, int relation, bool is_ordered)
{
    Staging *staging = sample->staging;
    int place = find_planned(&staging->scans, relation);

    db_set_context(staging->staging_db, "could not read staging table %s",
                   staging->names.tables[relation].qname);
    if (is_next(staging, relation, is_ordered))
    {
        db_copy_next(staging->staging_db);
        staging->scans.next++;
    }
    else if (place < staging->scans.n)
        scan_planned(sample, place, is_ordered);
    else
        scan_alone(sample, relation, is_ordered);
    return staging->staging_db;
}
