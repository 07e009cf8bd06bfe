#include "sample/staging/staging_provenance.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/bigmem.h"
#include "base/log.h"
#include "base/mem.h"
#include "db/row.h"
#include "model/query_provenance.h"
#include "sample/fetch.h"
#include "sample/row_ids.h"

enum
{
    SMALL_STEP = 1000,  /* rows: more are joined faster in bulk */
    MAX_STEPS = 256,    /* in one query string */
    COPY_BUFFER = 65536 /* bytes */
};

/* For small steps, which look rows up one by one. */
static const char by_row[] = "SET LOCAL plan_cache_mode = force_generic_plan;\n"
                             "SET LOCAL enable_nestloop = on;\n"
                             "SET LOCAL enable_seqscan = off;\n"
                             "SET LOCAL enable_hashjoin = off;\n"
                             "SET LOCAL enable_mergejoin = off";

/* Large steps sort all rows that they bring. */
static const char in_bulk[] = "SET LOCAL plan_cache_mode = force_custom_plan;\n"
                              "SET LOCAL work_mem = '64MB'";

/* ---- root rows, picked rows and rows of D */

static void
append_found_row(PQExpBuffer line, const Relation *relation, RowId id)
{
    appendPQExpBuffer(line, "%u\t", relation->oid);
    row_ids_append(line, relation, id);
}

static void
append_down_row(PQExpBuffer lines, const Sample *sample, const FkOrder *order,
                int relation, const DownRow *down)
{
    const Relation *relations = sample->graph->catalog->relations;

    append_found_row(lines, &relations[relation], down->id);
    if (down->fk == DOWN_ROOT)
    {
        appendPQExpBuffer(lines, "\t0\t%c\t\\N\t\\N\t\\N\t\\N\n", PROVENANCE_KIND_ROOT);
        return;
    }
    appendPQExpBuffer(lines, "\t%d\t%c\t%d\t", down->depth, PROVENANCE_KIND_DOWN,
                      order->ranks[down->fk]);
    append_found_row(lines, &relations[order->names[down->fk].referenced], down->parent);
    appendPQExpBufferChar(lines, '\n');
}

/* Returns the greatest depth. */
static int
insert_down(const Sample *sample, const FkOrder *order)
{
    Db *staging_db = sample->staging->staging_db;
    PQExpBufferData text;
    int depth = 0;

    if (sample->down == NULL)
        return 0;
    initPQExpBuffer(&text);
    query_provenance_copy_in(&text, &sample->staging->names);
    db_copy_in_begin(staging_db, text.data);
    resetPQExpBuffer(&text);
    for (int i = 0; i < sample->graph->catalog->n_relations; i++)
    {
        for (size_t j = 0; j < sample->down[i].n_rows; j++)
        {
            append_down_row(&text, sample, order, i, &sample->down[i].rows[j]);
            if (sample->down[i].rows[j].depth > depth)
                depth = sample->down[i].rows[j].depth;
            if (text.len < COPY_BUFFER)
                continue;
            db_copy_in(staging_db, text.data, text.len);
            resetPQExpBuffer(&text);
        }
    }
    db_copy_in(staging_db, text.data, text.len);
    db_copy_in_end(staging_db);
    termPQExpBuffer(&text);
    return depth;
}

typedef struct PairCopy
{
    const Sample *sample;
    const FkOrder *order;
    int fk;
    PQExpBufferData lines;
} PairCopy;

static void
copy_pair(void *context, RowId from, RowId to)
{
    PairCopy *copy = context;
    const FkName *name = &copy->order->names[copy->fk];
    const Relation *relations = copy->sample->graph->catalog->relations;

    append_found_row(&copy->lines, &relations[name->referencing], from);
    appendPQExpBuffer(&copy->lines, "\t%d\t%d\t", rowid_leaf(from) + 1,
                      copy->order->ranks[copy->fk]);
    append_found_row(&copy->lines, &relations[name->referenced], to);
    appendPQExpBufferChar(&copy->lines, '\n');
    if (copy->lines.len < COPY_BUFFER)
        return;
    db_copy_in(copy->sample->staging->staging_db, copy->lines.data, copy->lines.len);
    resetPQExpBuffer(&copy->lines);
}

/* The source is asked what a declared reference refers to. */
static void
insert_pairs(Sample *sample, Session *session, const FkOrder *order, int fk)
{
    const Reference *reference = sample->graph->links[fk].reference;
    Db *staging_db = sample->staging->staging_db;
    PairCopy copy = {.sample = sample, .order = order, .fk = fk};
    const ProvenancePairs pairs = {.sample = sample,
                                   .session = session,
                                   .reference = reference,
                                   .found = copy_pair,
                                   .context = &copy};
    size_t n;
    RowId *ids = staging_list_row_ids(sample, reference->referencing, &n);

    initPQExpBuffer(&copy.lines);
    query_provenance_copy_references(&copy.lines, &sample->staging->names);
    db_copy_in_begin(staging_db, copy.lines.data);
    resetPQExpBuffer(&copy.lines);
    provenance_pairs_find(&pairs, ids, n);
    db_copy_in(staging_db, copy.lines.data, copy.lines.len);
    db_copy_in_end(staging_db);
    termPQExpBuffer(&copy.lines);
    bigmem_free(ids);
}

static void
insert_references(Sample *sample, Session *session, const FkOrder *order, int fk)
{
    PQExpBufferData sql;

    if (sample->tables[order->names[fk].referencing].n_rows == 0 ||
        sample->tables[order->names[fk].referenced].n_rows == 0)
        return;
    if (order->names[fk].is_declared)
    {
        insert_pairs(sample, session, order, fk);
        return;
    }
    initPQExpBuffer(&sql);
    query_provenance_references(&sql, &sample->staging->names, sample->graph, order,
                                &sample->graph->fks[fk]);
    db_execute(sample->staging->staging_db, sql.data);
    termPQExpBuffer(&sql);
}

/* Creates the tables and fills them with what is searched. Returns the greatest depth. */
static int
prepare_search(Sample *sample, Session *session, const FkOrder *order)
{
    const Staging *staging = sample->staging;
    const FkGraph *graph = sample->graph;
    PQExpBufferData sql;
    int depth;

    initPQExpBuffer(&sql);
    query_provenance_create(&sql, &staging->names, order, graph->catalog);
    db_execute(staging->staging_db, sql.data);
    depth = insert_down(sample, order);
    for (int i = 0; i < graph->catalog->n_relations; i++)
    {
        if (sample->tables[i].n_rows == 0)
            continue;
        resetPQExpBuffer(&sql);
        query_provenance_picked(&sql, &staging->names, graph->catalog, i,
                                sample->down != NULL && sample->down[i].n_rows > 0);
        db_execute(staging->staging_db, sql.data);
    }
    for (int i = 0; i < order->n_links; i++)
        insert_references(sample, session, order, i);
    resetPQExpBuffer(&sql);
    query_provenance_index(&sql, &staging->names);
    db_execute(staging->staging_db, sql.data);
    resetPQExpBuffer(&sql);
    query_provenance_prepare(&sql, &staging->names);
    db_execute(staging->staging_db, sql.data);
    termPQExpBuffer(&sql);
    return depth;
}

/* ---- steps */

/* Runs the prepared statement for n distances from the first, up or down. */
static uint64_t
run_steps(const Staging *staging, const char *settings, const char *statement, int first,
          int n, int direction)
{
    PQExpBufferData sql;
    PGresult *result;
    uint64_t n_inserted;

    initPQExpBuffer(&sql);
    appendPQExpBufferStr(&sql, settings);
    for (int i = 0; i < n; i++)
        appendPQExpBuffer(&sql, ";\nEXECUTE %s (%d)", statement, first + i * direction);
    result = db_try_counting(staging->staging_db, sql.data, &n_inserted, 1);
    if (!db_succeeded(result))
        db_error_die(staging->staging_db, result, NULL);
    PQclear(result);
    termPQExpBuffer(&sql);
    return n_inserted;
}

/*
 * From one distance to the next until nothing is added. A step with few rows takes less
 * time than its round trip and its plan, so many are sent together. ANALYZE as the table
 * grows, since a plan for few rows is bad for many.
 */
static void
run_search(const Staging *staging, int depth)
{
    char *analyze = mem_format("ANALYZE %s.why", staging->names.qschema);
    uint64_t n = UINT64_MAX;
    uint64_t n_rows = 0;
    uint64_t n_analyzed = 0;
    int n_steps = 1;

    for (int distance = 0; n > 0 || distance <= depth; distance += n_steps)
    {
        bool is_small = n < (uint64_t)n_steps * SMALL_STEP;

        n_steps = !is_small ? 1 : n_steps < MAX_STEPS ? n_steps * 2 : n_steps;
        if (n_rows >= 2 * n_analyzed)
        {
            db_execute(staging->staging_db, analyze);
            n_analyzed = n_rows + 1;
        }
        n = run_steps(staging, is_small ? by_row : in_bulk, "why_step", distance, n_steps,
                      1);
        n_rows += n;
        log_progress("provenance: distance %d", distance);
    }
    free(analyze);
}

void
staging_provenance_build(Sample *sample, Session *session, const FkOrder *order)
{
    Staging *staging = sample->staging;
    PQExpBufferData sql;
    int depth;

    /* a run that ends early may have a COPY open on this connection */
    (void)db_recover_stop(staging->staging_db);
    db_set_context(staging->staging_db, "could not determine the provenance of the rows");
    depth = prepare_search(sample, session, order);
    run_search(staging, depth);
    initPQExpBuffer(&sql);
    query_provenance_finish(&sql, &staging->names);
    db_execute(staging->staging_db, sql.data);
    termPQExpBuffer(&sql);
    db_set_context(staging->staging_db, NULL);
    log_progress_clear();
}

/* ---- answers */

/* The link with that rank in the tables. */
static void
decode_key(const FkOrder *order, char kind, int number, int *fk, bool *is_down)
{
    *is_down = kind == PROVENANCE_KIND_DOWN;
    *fk = kind == PROVENANCE_KIND_ROOT     ? PROVENANCE_ROOT
          : kind == PROVENANCE_KIND_PICKED ? PROVENANCE_PICKED
                                           : order->by_rank[number];
}

static ProvenanceStep
parse_step(const Catalog *catalog, const FkOrder *order, const char *line, size_t length)
{
    CopyLine rest = copytext_line(line, length);
    CopyField fields[5] = {{.text = ""}};
    ProvenanceStep step;

    for (int i = 0; i < 5; i++)
        (void)copytext_next_field(&rest, &fields[i]);
    step.row.relation =
        catalog_find_relation(catalog, (CatalogOid)strtoul(fields[0].text, NULL, 10));
    step.row.id = row_ids_make(&catalog->relations[step.row.relation], fields[1].text,
                               fields[2].text, fields[2].length);
    decode_key(order, fields[3].text[0], (int)strtol(fields[4].text, NULL, 10), &step.fk,
               &step.is_down);
    return step;
}

bool
staging_provenance_follow(Sample *sample, const FkOrder *order, ProvenanceRow row,
                          ProvenanceChain *chain)
{
    Db *staging_db = sample->staging->staging_db;
    const Catalog *catalog = sample->graph->catalog;
    PQExpBufferData sql;
    char *line;
    ssize_t length;

    initPQExpBuffer(&sql);
    query_provenance_chain(&sql, &sample->staging->names,
                           &catalog->relations[row.relation], row.id);
    db_copy_begin(staging_db, sql.data);
    while ((length = db_copy_row(staging_db, &line)) >= 0)
    {
        MEM_GROW(chain->steps, chain->capacity, chain->n_steps);
        chain->steps[chain->n_steps++] = parse_step(catalog, order, line, (size_t)length);
    }
    termPQExpBuffer(&sql);
    return chain->n_steps > 0;
}

char *
staging_provenance_get_key(Sample *sample, ProvenanceRow row)
{
    Db *staging_db = sample->staging->staging_db;
    PQExpBufferData sql;
    char *key = NULL;
    char *line;
    ssize_t length;

    if (!sample->staging->tables[row.relation].is_created)
        return NULL;
    initPQExpBuffer(&sql);
    query_provenance_key(&sql, &sample->staging->names, sample->graph->catalog,
                         row.relation, row.id);
    db_copy_begin(staging_db, sql.data);
    while ((length = db_copy_row(staging_db, &line)) >= 0)
    {
        free(key);
        key = mem_copy_string(line);
    }
    termPQExpBuffer(&sql);
    return key;
}

/* ---- counts */

static void
count_by_kind(const Staging *staging, const FkOrder *order, ProvenanceCounts *counts)
{
    PQExpBufferData sql;
    PGresult *result;
    RowReader row;
    size_t capacity = 0;

    initPQExpBuffer(&sql);
    query_provenance_count(&sql, &staging->names);
    result = db_query(staging->staging_db, sql.data);
    row = row_reader(result);
    while (row_next(&row))
    {
        char kind = row_text(&row)[0];
        ProvenanceKey key = {0};

        decode_key(order, kind, row_int(&row), &key.fk, &key.is_down);
        key.n_rows = (uint64_t)row_int64(&row);
        counts->n_rows += key.n_rows;
        if (key.fk == PROVENANCE_ROOT)
            counts->n_roots = key.n_rows;
        else if (key.fk == PROVENANCE_PICKED)
            counts->n_picked = key.n_rows;
        else
        {
            MEM_GROW(counts->fks, capacity, counts->n_fks);
            counts->fks[counts->n_fks++] = key;
        }
    }
    PQclear(result);
    termPQExpBuffer(&sql);
}

/* Adds up how many rows are brought, from the greatest distance to the least. */
static void
sum_up(const Staging *staging)
{
    char *query =
        mem_format("SELECT pg_catalog.max(distance) FROM %s.why", staging->names.qschema);
    char *answer = db_query_value(staging->staging_db, query);
    int distance = answer != NULL ? (int)strtol(answer, NULL, 10) : 0;
    PQExpBufferData sql;

    initPQExpBuffer(&sql);
    query_provenance_create_sums(&sql, &staging->names);
    db_execute(staging->staging_db, sql.data);
    for (int n; distance > 0; distance -= n)
    {
        n = distance < MAX_STEPS ? distance : MAX_STEPS;
        log_progress("counting by provenance: distance %d", distance);
        run_steps(staging, by_row, "why_sum", distance, n, -1);
    }
    db_execute(staging->staging_db, "DEALLOCATE why_sum");
    termPQExpBuffer(&sql);
    free(query);
    free(answer);
}

static void
find_largest(const Sample *sample, const FkOrder *order, ProvenanceCounts *counts)
{
    const Catalog *catalog = sample->graph->catalog;
    PQExpBufferData sql;
    PGresult *result;
    RowReader row;

    initPQExpBuffer(&sql);
    query_provenance_largest(&sql, &sample->staging->names, catalog);
    result = db_query(sample->staging->staging_db, sql.data);
    row = row_reader(result);
    while (row_next(&row))
    {
        char kind = row_text(&row)[0];
        const char *tableoid;
        const char *ctid;
        ProvenanceKey *found;
        int fk;
        bool is_down;

        decode_key(order, kind, row_int(&row), &fk, &is_down);
        found = provenance_counts_find(counts, fk, is_down);
        found->n_origins = (uint64_t)row_int64(&row);
        found->n_largest = (uint64_t)row_int64(&row);
        found->largest.relation =
            is_down ? order->names[fk].referenced : order->names[fk].referencing;
        tableoid = row_text(&row);
        ctid = row_text(&row);
        found->largest.id = row_ids_make(&catalog->relations[found->largest.relation],
                                         tableoid, ctid, strlen(ctid));
    }
    PQclear(result);
    termPQExpBuffer(&sql);
}

static void
find_origins(const Sample *sample, ProvenanceCounts *counts)
{
    const Catalog *catalog = sample->graph->catalog;
    PQExpBufferData sql;
    PGresult *result;
    RowReader row;

    initPQExpBuffer(&sql);
    query_provenance_origins(&sql, &sample->staging->names, catalog,
                             PROVENANCE_MAX_ORIGINS);
    result = db_query(sample->staging->staging_db, sql.data);
    row = row_reader(result);
    while (row_next(&row))
    {
        ProvenanceOrigin *origin = &counts->origins[counts->n_origins++];
        const char *tableoid;
        const char *ctid;

        origin->row.relation = catalog_find_relation(catalog, row_oid(&row));
        tableoid = row_text(&row);
        ctid = row_text(&row);
        origin->row.id = row_ids_make(&catalog->relations[origin->row.relation], tableoid,
                                      ctid, strlen(ctid));
        origin->n_rows = (uint64_t)row_int64(&row);
    }
    PQclear(result);
    termPQExpBuffer(&sql);
}

void
staging_provenance_count(Sample *sample, const FkOrder *order, ProvenanceCounts *counts)
{
    Staging *staging = sample->staging;
    char *drop = mem_format("DROP TABLE %s.why_sums", staging->names.qschema);

    db_set_context(staging->staging_db, "could not count rows by provenance");
    count_by_kind(staging, order, counts);
    sum_up(staging);
    find_largest(sample, order, counts);
    find_origins(sample, counts);
    db_execute(staging->staging_db, drop);
    db_set_context(staging->staging_db, NULL);
    log_progress_clear();
    free(drop);
}

void
staging_provenance_note_outside(Sample *sample, const FkOrder *order,
                                ProvenanceCounts *counts, int relation, const RowId *ids,
                                size_t n)
{
    PQExpBufferData sql;

    initPQExpBuffer(&sql);
    for (size_t i = 0; i < n; i += FETCH_MAX_KEYS)
    {
        size_t batch = n - i < FETCH_MAX_KEYS ? n - i : FETCH_MAX_KEYS;
        PGresult *result;
        RowReader row;

        resetPQExpBuffer(&sql);
        query_provenance_outside(&sql, &sample->staging->names,
                                 &sample->graph->catalog->relations[relation], ids + i,
                                 batch);
        result = db_query(sample->staging->staging_db, sql.data);
        row = row_reader(result);
        while (row_next(&row))
        {
            char kind = row_text(&row)[0];
            int fk;
            bool is_down;

            decode_key(order, kind, row_int(&row), &fk, &is_down);
            provenance_counts_find(counts, fk, is_down)->n_outside +=
                (uint64_t)row_int64(&row);
        }
        PQclear(result);
    }
    termPQExpBuffer(&sql);
}
