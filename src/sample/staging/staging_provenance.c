#include "sample/staging/staging_provenance.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "db/row.h"
#include "model/query_provenance.h"
#include "sample/fetch.h"
#include "sample/provenance_pairs.h"

enum
{
    SMALL_STEP = 1000,  /* rows: more are joined better in bulk */
    MAX_STEPS = 256,    /* in one query string */
    COPY_BUFFER = 65536 /* bytes */
};

/* For steps that look rows up one by one. */
static const char by_place[] = "SET LOCAL plan_cache_mode = force_generic_plan;\n"
                               "SET LOCAL enable_seqscan = off;\n"
                               "SET LOCAL enable_hashjoin = off;\n"
                               "SET LOCAL enable_mergejoin = off";

/* They sort all that they bring. */
static const char in_bulk[] = "SET LOCAL plan_cache_mode = force_custom_plan;\n"
                              "SET LOCAL work_mem = '64MB'";

/* ---- rows that are there for themselves */

static void
append_place(PQExpBuffer line, const Relation *relation, RowId id)
{
    appendPQExpBuffer(line, "%u\t%u\t(%u,%u)", relation->oid,
                      relation->leaves[rowid_leaf(id)].oid, rowid_block(id),
                      rowid_offset(id));
}

static void
append_down_row(PQExpBuffer lines, const Sample *sample, const EdgeOrder *order,
                int relation, const DownRow *down)
{
    const Relation *relations = sample->graph->catalog->relations;

    append_place(lines, &relations[relation], down->id);
    if (down->edge == DOWN_ROOT)
    {
        appendPQExpBuffer(lines, "\t0\t%c\t\\N\t\\N\t\\N\t\\N\n", WHY_KIND_ROOT);
        return;
    }
    appendPQExpBuffer(lines, "\t%d\t%c\t%d\t", down->depth, WHY_KIND_DOWN,
                      order->ranks[down->edge]);
    append_place(lines, &relations[order->names[down->edge].referenced], down->parent);
    appendPQExpBufferChar(lines, '\n');
}

/* Returns the greatest depth. */
static int
insert_down(const Sample *sample, const EdgeOrder *order)
{
    Db *keeper = sample->stage->keeper;
    PQExpBufferData text;
    int depth = 0;

    if (sample->down == NULL)
        return 0;
    initPQExpBuffer(&text);
    query_why_copy_in(&text, &sample->stage->names);
    db_copy_in_begin(keeper, text.data);
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
            db_copy_in(keeper, text.data, text.len);
            resetPQExpBuffer(&text);
        }
    }
    db_copy_in(keeper, text.data, text.len);
    db_copy_in_end(keeper);
    termPQExpBuffer(&text);
    return depth;
}

typedef struct PairCopy
{
    const Sample *sample;
    const EdgeOrder *order;
    int edge;
    PQExpBufferData lines;
} PairCopy;

static void
copy_pair(void *context, RowId from, RowId to)
{
    PairCopy *copy = context;
    const EdgeName *name = &copy->order->names[copy->edge];
    const Relation *relations = copy->sample->graph->catalog->relations;

    append_place(&copy->lines, &relations[name->referencing], from);
    appendPQExpBuffer(&copy->lines, "\t%d\t%d\t", rowid_leaf(from) + 1,
                      copy->order->ranks[copy->edge]);
    append_place(&copy->lines, &relations[name->referenced], to);
    appendPQExpBufferChar(&copy->lines, '\n');
    if (copy->lines.len < COPY_BUFFER)
        return;
    db_copy_in(copy->sample->stage->keeper, copy->lines.data, copy->lines.len);
    resetPQExpBuffer(&copy->lines);
}

/* The source is asked where a declared reference leads. */
static void
insert_pairs(Sample *sample, Session *session, const EdgeOrder *order, int edge)
{
    const Reference *reference = graph_get_way(sample->graph, edge).reference;
    Db *keeper = sample->stage->keeper;
    PairCopy copy = {.sample = sample, .order = order, .edge = edge};
    size_t n;
    RowId *ids = stage_list_places(sample, reference->referencing, &n);

    initPQExpBuffer(&copy.lines);
    query_why_copy_references(&copy.lines, &sample->stage->names);
    db_copy_in_begin(keeper, copy.lines.data);
    resetPQExpBuffer(&copy.lines);
    why_pairs_find(sample, session, reference, ids, n, copy_pair, &copy);
    db_copy_in(keeper, copy.lines.data, copy.lines.len);
    db_copy_in_end(keeper);
    termPQExpBuffer(&copy.lines);
    free(ids);
}

static void
insert_references(Sample *sample, Session *session, const EdgeOrder *order, int edge)
{
    PQExpBufferData sql;

    if (sample->tables[order->names[edge].referencing].n_rows == 0 ||
        sample->tables[order->names[edge].referenced].n_rows == 0)
        return;
    if (order->names[edge].is_declared)
    {
        insert_pairs(sample, session, order, edge);
        return;
    }
    initPQExpBuffer(&sql);
    query_why_references(&sql, &sample->stage->names, sample->graph, order, edge);
    db_execute(sample->stage->keeper, sql.data);
    termPQExpBuffer(&sql);
}

/* Makes the tables, and fills them with what there is to search; as insert_down(). */
static int
prepare_search(Sample *sample, Session *session, const EdgeOrder *order)
{
    const Stage *stage = sample->stage;
    const FkGraph *graph = sample->graph;
    PQExpBufferData sql;
    int depth;

    initPQExpBuffer(&sql);
    query_why_create(&sql, &stage->names, order, graph->catalog);
    db_execute(stage->keeper, sql.data);
    depth = insert_down(sample, order);
    for (int i = 0; i < graph->catalog->n_relations; i++)
    {
        if (sample->tables[i].n_rows == 0)
            continue;
        resetPQExpBuffer(&sql);
        query_why_picked(&sql, &stage->names, graph->catalog, i,
                         sample->down != NULL && sample->down[i].n_rows > 0);
        db_execute(stage->keeper, sql.data);
    }
    for (int i = 0; i < order->n_edges; i++)
        insert_references(sample, session, order, i);
    resetPQExpBuffer(&sql);
    query_why_index(&sql, &stage->names);
    db_execute(stage->keeper, sql.data);
    resetPQExpBuffer(&sql);
    query_why_prepare(&sql, &stage->names);
    db_execute(stage->keeper, sql.data);
    termPQExpBuffer(&sql);
    return depth;
}

/* ---- steps */

/* Runs the prepared statement for n distances from the first, up or down. */
static uint64_t
run_steps(const Stage *stage, const char *settings, const char *statement, int first,
          int n, int direction)
{
    PQExpBufferData sql;
    PGresult *result;
    uint64_t n_inserted;

    initPQExpBuffer(&sql);
    appendPQExpBufferStr(&sql, settings);
    for (int i = 0; i < n; i++)
        appendPQExpBuffer(&sql, ";\nEXECUTE %s (%d)", statement, first + i * direction);
    result = db_try_counting(stage->keeper, sql.data, &n_inserted);
    if (!db_succeeded(result))
        db_die(stage->keeper, result, NULL);
    PQclear(result);
    termPQExpBuffer(&sql);
    return n_inserted;
}

/*
 * From one distance to the next until nothing is added. With few rows a step takes less
 * time than its way to the server and its plan, so that many are sent together. A plan
 * that was made for few rows must not outlive their being few, hence ANALYZE.
 */
static void
search(const Stage *stage, int depth)
{
    char *analyze = mem_format("ANALYZE %s.why", stage->names.qschema);
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
            db_execute(stage->keeper, analyze);
            n_analyzed = n_rows + 1;
        }
        n = run_steps(stage, is_small ? by_place : in_bulk, "why_step", distance, n_steps,
                      1);
        n_rows += n;
        log_progress("explaining: distance %d", distance);
    }
    free(analyze);
}

void
stage_why_build(Sample *sample, Session *session, const EdgeOrder *order)
{
    Stage *stage = sample->stage;
    PQExpBufferData sql;
    int depth;

    /* a run that ends early may have been reading on this connection */
    (void)db_stop(stage->keeper);
    db_set_context(stage->keeper, "could not find out what brought the rows");
    depth = prepare_search(sample, session, order);
    search(stage, depth);
    initPQExpBuffer(&sql);
    query_why_finish(&sql, &stage->names);
    db_execute(stage->keeper, sql.data);
    termPQExpBuffer(&sql);
    db_set_context(stage->keeper, NULL);
    log_progress_clear();
}

/* ---- answers */

static RowId
parse_place(const Relation *relation, CatalogOid leaf_oid, const char *place,
            size_t length)
{
    int leaf = relation_find_leaf(relation, leaf_oid);
    uint32_t block;
    uint32_t offset;

    if (leaf < 0 || !rowid_parse_ctid(place, length, &block, &offset))
        die_message(EXIT_SERVER, "a row's place in %s came in an unexpected form",
                    relation->qname);
    return rowid_make(leaf, block, offset);
}

/* The edge with that number in the tables here. */
static void
set_edge(const EdgeOrder *order, char kind, int number, int *edge, bool *is_down)
{
    *is_down = kind == WHY_KIND_DOWN;
    *edge = kind == WHY_KIND_ROOT     ? WHY_ROOT
            : kind == WHY_KIND_PICKED ? WHY_PICKED
                                      : order->by_rank[number];
}

static WhyStep
parse_step(const Catalog *catalog, const EdgeOrder *order, const char *line,
           size_t length)
{
    CopyLine rest = copytext_line(line, length);
    CopyField fields[5] = {{.text = ""}};
    WhyStep step;

    for (int i = 0; i < 5; i++)
        (void)copytext_next_field(&rest, &fields[i]);
    step.row.relation =
        catalog_find_relation(catalog, (CatalogOid)strtoul(fields[0].text, NULL, 10));
    step.row.id = parse_place(&catalog->relations[step.row.relation],
                              (CatalogOid)strtoul(fields[1].text, NULL, 10),
                              fields[2].text, fields[2].length);
    set_edge(order, fields[3].text[0], (int)strtol(fields[4].text, NULL, 10), &step.edge,
             &step.is_down);
    return step;
}

bool
stage_why_follow(Sample *sample, const EdgeOrder *order, WhyRow row, WhyChain *chain)
{
    Db *keeper = sample->stage->keeper;
    const Catalog *catalog = sample->graph->catalog;
    PQExpBufferData sql;
    char *line;
    ssize_t length;

    initPQExpBuffer(&sql);
    query_why_chain(&sql, &sample->stage->names, &catalog->relations[row.relation],
                    row.id);
    db_copy_begin(keeper, sql.data);
    while ((length = db_copy_row(keeper, &line)) >= 0)
    {
        MEM_GROW(chain->steps, chain->capacity, chain->n_steps);
        chain->steps[chain->n_steps++] = parse_step(catalog, order, line, (size_t)length);
    }
    termPQExpBuffer(&sql);
    return chain->n_steps > 0;
}

char *
stage_why_get_key(Sample *sample, WhyRow row)
{
    Db *keeper = sample->stage->keeper;
    PQExpBufferData sql;
    char *key = NULL;
    char *line;
    ssize_t length;

    if (!sample->stage->tables[row.relation].is_created)
        return NULL;
    initPQExpBuffer(&sql);
    query_why_key(&sql, &sample->stage->names, sample->graph->catalog, row.relation,
                  row.id);
    db_copy_begin(keeper, sql.data);
    while ((length = db_copy_row(keeper, &line)) >= 0)
    {
        free(key);
        key = mem_copy_string(line);
    }
    termPQExpBuffer(&sql);
    return key;
}

/* ---- edges */

static WhyEdge *
find_edge(WhyEdges *edges, int edge, bool is_down)
{
    for (size_t i = 0; i < edges->n_edges; i++)
    {
        if (edges->edges[i].edge == edge && edges->edges[i].is_down == is_down)
            return &edges->edges[i];
    }
    return NULL;
}

static void
count_rows(const Stage *stage, const EdgeOrder *order, WhyEdges *edges)
{
    PQExpBufferData sql;
    PGresult *result;
    RowReader row;
    size_t capacity = 0;

    initPQExpBuffer(&sql);
    query_why_count(&sql, &stage->names);
    result = db_query(stage->keeper, sql.data);
    row = row_reader(result);
    while (row_next(&row))
    {
        char kind = row_text(&row)[0];
        WhyEdge edge = {0};

        set_edge(order, kind, row_int(&row), &edge.edge, &edge.is_down);
        edge.n_rows = (uint64_t)row_int64(&row);
        edges->n_rows += edge.n_rows;
        if (edge.edge == WHY_ROOT)
            edges->n_roots = edge.n_rows;
        else if (edge.edge == WHY_PICKED)
            edges->n_picked = edge.n_rows;
        else
        {
            MEM_GROW(edges->edges, capacity, edges->n_edges);
            edges->edges[edges->n_edges++] = edge;
        }
    }
    PQclear(result);
    termPQExpBuffer(&sql);
}

/* Adds up what is brought, from the rows that are farthest to those they come from. */
static void
sum_up(const Stage *stage)
{
    char *query =
        mem_format("SELECT pg_catalog.max(distance) FROM %s.why", stage->names.qschema);
    char *answer = db_query_value(stage->keeper, query);
    int distance = answer != NULL ? (int)strtol(answer, NULL, 10) : 0;
    PQExpBufferData sql;

    initPQExpBuffer(&sql);
    query_why_create_sums(&sql, &stage->names);
    db_execute(stage->keeper, sql.data);
    for (int n; distance > 0; distance -= n)
    {
        n = distance < MAX_STEPS ? distance : MAX_STEPS;
        log_progress("adding up: distance %d", distance);
        run_steps(stage, by_place, "why_sum", distance, n, -1);
    }
    db_execute(stage->keeper, "DEALLOCATE why_sum");
    termPQExpBuffer(&sql);
    free(query);
    free(answer);
}

static void
find_largest(const Sample *sample, const EdgeOrder *order, WhyEdges *edges)
{
    const Catalog *catalog = sample->graph->catalog;
    PQExpBufferData sql;
    PGresult *result;
    RowReader row;

    initPQExpBuffer(&sql);
    query_why_largest(&sql, &sample->stage->names, catalog);
    result = db_query(sample->stage->keeper, sql.data);
    row = row_reader(result);
    while (row_next(&row))
    {
        char kind = row_text(&row)[0];
        CatalogOid leaf;
        const char *place;
        WhyEdge *found;
        int edge;
        bool is_down;

        set_edge(order, kind, row_int(&row), &edge, &is_down);
        found = find_edge(edges, edge, is_down);
        found->n_bringers = (uint64_t)row_int64(&row);
        found->n_largest = (uint64_t)row_int64(&row);
        found->largest.relation =
            is_down ? order->names[edge].referenced : order->names[edge].referencing;
        leaf = row_oid(&row);
        place = row_text(&row);
        found->largest.id = parse_place(&catalog->relations[found->largest.relation],
                                        leaf, place, strlen(place));
    }
    PQclear(result);
    termPQExpBuffer(&sql);
}

static void
find_bringers(const Sample *sample, WhyEdges *edges)
{
    const Catalog *catalog = sample->graph->catalog;
    PQExpBufferData sql;
    PGresult *result;
    RowReader row;

    initPQExpBuffer(&sql);
    query_why_bringers(&sql, &sample->stage->names, catalog, WHY_MAX_BRINGERS);
    result = db_query(sample->stage->keeper, sql.data);
    row = row_reader(result);
    while (row_next(&row))
    {
        WhyBringer *bringer = &edges->bringers[edges->n_bringers++];
        CatalogOid leaf;
        const char *place;

        bringer->row.relation = catalog_find_relation(catalog, row_oid(&row));
        leaf = row_oid(&row);
        place = row_text(&row);
        bringer->row.id = parse_place(&catalog->relations[bringer->row.relation], leaf,
                                      place, strlen(place));
        bringer->n_rows = (uint64_t)row_int64(&row);
    }
    PQclear(result);
    termPQExpBuffer(&sql);
}

void
stage_why_count(Sample *sample, const EdgeOrder *order, WhyEdges *edges)
{
    Stage *stage = sample->stage;
    char *drop = mem_format("DROP TABLE %s.why_sums", stage->names.qschema);

    db_set_context(stage->keeper, "could not count what brought the rows");
    count_rows(stage, order, edges);
    sum_up(stage);
    find_largest(sample, order, edges);
    find_bringers(sample, edges);
    db_execute(stage->keeper, drop);
    db_set_context(stage->keeper, NULL);
    log_progress_clear();
    free(drop);
}

void
stage_why_note_outside(Sample *sample, const EdgeOrder *order, WhyEdges *edges,
                       int relation, const RowId *ids, size_t n)
{
    PQExpBufferData sql;

    initPQExpBuffer(&sql);
    for (size_t i = 0; i < n; i += FETCH_MAX_KEYS)
    {
        size_t batch = n - i < FETCH_MAX_KEYS ? n - i : FETCH_MAX_KEYS;
        PGresult *result;
        RowReader row;

        resetPQExpBuffer(&sql);
        query_why_outside(&sql, &sample->stage->names,
                          &sample->graph->catalog->relations[relation], ids + i, batch);
        result = db_query(sample->stage->keeper, sql.data);
        row = row_reader(result);
        while (row_next(&row))
        {
            char kind = row_text(&row)[0];
            int edge;
            bool is_down;

            set_edge(order, kind, row_int(&row), &edge, &is_down);
            why_add_outside(edges, edge, is_down, (uint64_t)row_int64(&row));
        }
        PQclear(result);
    }
    termPQExpBuffer(&sql);
}
