#include "sample/random.h"

#include <stdlib.h>
#include <string.h>

#include "base/bigmem.h"
#include "base/mem.h"
#include "model/query.h"
#include "sample/fetch.h"
#include "sample/row_ids.h"

enum
{
    PAGE_HEADER = 24, /* bytes, bufpage.h */
    MIN_TUPLE = 28,   /* bytes with its line pointer: MaxHeapTuplesPerPage */
    SMALL_TABLE = 64, /* blocks: it is cheap to order all of it */
    MAX_ROUNDS = 20,
    MAX_DRAWS = 200000, /* in one round */
    GUESSED_ROWS_PER_BLOCK = 40
};

/* splitmix64: S. Vigna, 2015, public domain algorithm */
static uint64_t
next_random(uint64_t *state)
{
    uint64_t z = (*state += 0x9e3779b97f4a7c15ULL);

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
}

/* Uniform below n, without the bias of a modulus (rejection of the uneven rest). */
static uint64_t
random_below(uint64_t *state, uint64_t n)
{
    uint64_t limit = UINT64_MAX - UINT64_MAX % n;
    uint64_t value;

    do
        value = next_random(state);
    while (value >= limit);
    return value % n;
}

/* Each table has a sequence of its own, whatever else is sampled. */
static uint64_t
seed_for(const Plan *plan, const Relation *relation)
{
    uint64_t state = plan->seed;

    for (const char *c = relation->qname; *c != '\0'; c++)
    {
        state ^= (unsigned char)*c;
        state = next_random(&state);
    }
    return state;
}

static bool
is_covered(const Plan *plan, const Pick *pick, int leaf)
{
    return plan_covers_leaf(plan, pick, leaf) &&
           !plan->catalog->relations[pick->relation].leaves[leaf].is_foreign;
}

/* The blocks of leaf 0 are 0. */
static int64_t *
read_blocks(Db *db, const Plan *plan, const char *leaves)
{
    PQExpBufferData sql;
    PGresult *result;
    int64_t *n_blocks;

    initPQExpBuffer(&sql);
    appendPQExpBuffer(&sql,
                      "SELECT pg_catalog.pg_relation_size(u.leaf)\n"
                      "  FROM pg_catalog.unnest('{%s}'::pg_catalog.oid[])"
                      " WITH ORDINALITY AS u (leaf, place)\n"
                      " ORDER BY u.place",
                      leaves);
    result = db_query(db, sql.data);
    n_blocks = mem_alloc_zero((size_t)PQntuples(result) + 1, sizeof(*n_blocks));
    for (int i = 0; i < PQntuples(result); i++)
        n_blocks[i] =
            strtoll(PQgetvalue(result, i, 0), NULL, 10) / plan->catalog->block_size;
    PQclear(result);
    termPQExpBuffer(&sql);
    return n_blocks;
}

int64_t *
random_count_blocks_of_many(Session *session, const Plan *plan, const Pick *const *picks,
                            size_t n)
{
    PQExpBufferData leaves;
    int64_t *n_blocks;
    Db *db = session->rows.db;

    initPQExpBuffer(&leaves);
    for (size_t i = 0; i < n; i++)
    {
        const Relation *relation = &plan->catalog->relations[picks[i]->relation];

        db = session_get_reader(session, relation);
        for (int j = 0; j < relation->n_leaves; j++)
            appendPQExpBuffer(&leaves, "%s%u", leaves.len == 0 ? "" : ",",
                              is_covered(plan, picks[i], j) ? relation->leaves[j].oid
                                                            : 0);
    }
    /* an error does not say which of several tables it is about */
    if (n > 1)
        session->reading = NULL;
    n_blocks = read_blocks(db, plan, leaves.data);
    termPQExpBuffer(&leaves);
    return n_blocks;
}

int64_t *
random_count_blocks(Session *session, const Plan *plan, const Pick *pick, int64_t *total)
{
    const Relation *relation = &plan->catalog->relations[pick->relation];
    int64_t *n_blocks = random_count_blocks_of_many(session, plan, &pick, 1);

    *total = 0;
    for (int i = 0; i < relation->n_leaves; i++)
        *total += n_blocks[i];
    return n_blocks;
}

typedef struct Drawing
{
    const Sample *sample;
    Session *session;
    const Pick *pick;
    int64_t *n_blocks; /* by leaf */
    uint64_t n_ids;    /* that can be drawn */
    uint32_t per_block;
    uint64_t state;
    IdSet *drawn;
    RowId *accepted;
    size_t n_accepted;
    size_t n_wanted;
    double hits_per_draw; /* estimate */
} Drawing;

/* The row id with this number among those that can be drawn, of all leaves. */
static RowId
make_id(const Drawing *drawing, uint64_t number)
{
    uint64_t block = number / drawing->per_block;
    uint32_t offset = (uint32_t)(number % drawing->per_block) + 1;
    int leaf = 0;

    while (block >= (uint64_t)drawing->n_blocks[leaf])
        block -= (uint64_t)drawing->n_blocks[leaf++];
    return rowid_make(leaf, (uint32_t)block, offset);
}

/* Draws up to n ids that were not drawn before. */
static RowId *
draw_ids(Drawing *drawing, size_t n, size_t *n_drawn)
{
    RowId *ids = bigmem_alloc(n * sizeof(*ids));

    *n_drawn = 0;
    while (*n_drawn < n && idset_count(drawing->drawn) < drawing->n_ids)
    {
        RowId id = make_id(drawing, random_below(&drawing->state, drawing->n_ids));

        if (idset_add(drawing->drawn, id))
            ids[(*n_drawn)++] = id;
    }
    return ids;
}

/* Those of the ids for which the snapshot has a row. */
static IdSet *
probe_ids(Drawing *drawing, const RowId *ids, size_t n)
{
    const RowLayout *layout = &drawing->sample->fetch_layouts[drawing->pick->relation];
    Db *db = session_get_reader(drawing->session, layout->relation);
    RowId *sorted = bigmem_alloc(n * sizeof(*sorted));
    IdSet *found = idset_new();
    PQExpBufferData sql;

    initPQExpBuffer(&sql);
    memcpy(sorted, ids, n * sizeof(*sorted));
    rowid_sort(sorted, n);
    for (size_t i = 0; i < n;)
    {
        size_t batch = fetch_count_batch(sorted + i, n - i);

        resetPQExpBuffer(&sql);
        query_fetch_probe_ids(&sql, layout, sorted + i, batch);
        row_ids_add(found, db, layout->relation, sql.data);
        i += batch;
    }
    termPQExpBuffer(&sql);
    bigmem_free(sorted);
    return found;
}

static void
draw_round(Drawing *drawing)
{
    size_t missing = drawing->n_wanted - drawing->n_accepted;
    double n = (double)missing * 1.2 / drawing->hits_per_draw + 20;
    size_t n_drawn;
    RowId *ids = draw_ids(drawing, n < MAX_DRAWS ? (size_t)n : MAX_DRAWS, &n_drawn);
    IdSet *found = probe_ids(drawing, ids, n_drawn);

    for (size_t i = 0; i < n_drawn && drawing->n_accepted < drawing->n_wanted; i++)
    {
        if (idset_contains(found, ids[i]))
            drawing->accepted[drawing->n_accepted++] = ids[i];
    }
    if (n_drawn > 0)
        drawing->hits_per_draw = ((double)idset_count(found) + 1) / ((double)n_drawn + 1);
    idset_free(found);
    bigmem_free(ids);
}

/* About how many rows there are in a block, from the statistics. */
static double
guess_rows_per_block(const Relation *relation)
{
    if (relation->n_tuples > 0 && relation->n_pages > 0)
        return relation->n_tuples / (double)relation->n_pages;
    return GUESSED_ROWS_PER_BLOCK;
}

static bool
draw_all(Drawing *drawing)
{
    for (int round = 0; drawing->n_accepted < drawing->n_wanted; round++)
    {
        /* a table with fewer rows than wanted, or one that is nearly empty */
        if (round == MAX_ROUNDS || idset_count(drawing->drawn) == drawing->n_ids)
            return false;
        draw_round(drawing);
    }
    return true;
}

RowId *
random_draw(const Sample *sample, Session *session, const Pick *pick, size_t n)
{
    const Plan *plan = sample->plan;
    const Relation *relation = &plan->catalog->relations[pick->relation];
    Drawing drawing = {.sample = sample, .session = session, .pick = pick, .n_wanted = n};
    double per_block = guess_rows_per_block(relation);
    int64_t n_blocks;
    bool is_done = false;

    drawing.n_blocks = random_count_blocks(session, plan, pick, &n_blocks);
    if (n_blocks > SMALL_TABLE && (double)n < (double)n_blocks * per_block / 4)
    {
        drawing.per_block =
            (uint32_t)((plan->catalog->block_size - PAGE_HEADER) / MIN_TUPLE);
        drawing.n_ids = (uint64_t)n_blocks * drawing.per_block;
        drawing.state = seed_for(plan, relation);
        drawing.hits_per_draw = per_block / drawing.per_block;
        drawing.drawn = idset_new();
        drawing.accepted = bigmem_alloc(n * sizeof(RowId));
        is_done = draw_all(&drawing);
        idset_free(drawing.drawn);
    }
    free(drawing.n_blocks);
    if (is_done)
        return drawing.accepted;
    bigmem_free(drawing.accepted);
    return NULL;
}
