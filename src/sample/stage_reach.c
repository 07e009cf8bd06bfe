#include "sample/stage_reach.h"

#include <limits.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"
#include "model/query_reference.h"
#include "sample/fetch.h"
#include "sample/reach.h"
#include "sample/stage.h"
#include "sample/stage_drain.h"

/* The places that rows of the sample are at, and those that they refer to. */
typedef struct Reaching
{
    Sample *sample;
    Session *session;
    int reference;
    size_t n_found;
    bool is_copying;
    PQExpBufferData line;
} Reaching;

/* The keeper takes down what the user's connection tells. */
static void
note_reached(void *context, const Reference *reference, RowId id)
{
    Reaching *reaching = context;
    const Stage *stage = reaching->sample->stage;
    const Relation *referenced = &stage->catalog->relations[reference->referenced];

    if (!reaching->is_copying)
    {
        char *sql = mem_format("COPY %s.reached FROM STDIN", stage->names.qschema);

        db_copy_in_begin(stage->keeper, sql);
        reaching->is_copying = true;
        free(sql);
    }
    resetPQExpBuffer(&reaching->line);
    appendPQExpBuffer(&reaching->line, "%d\t%u\t(%u,%u)\n", reference->referenced,
                      referenced->leaves[rowid_leaf(id)].oid, rowid_block(id),
                      rowid_offset(id));
    db_copy_in(stage->keeper, reaching->line.data, reaching->line.len);
    reaching->n_found++;
}

/* The next places of the cursor; their number. */
static size_t
fetch_batch(Reaching *reaching, RowId *ids)
{
    Stage *stage = reaching->sample->stage;
    const Reference *reference = &stage->catalog->references[reaching->reference];
    const Relation *referencing = &stage->catalog->relations[reference->referencing];
    char *sql = mem_format("FETCH %d FROM places", FETCH_MAX_KEYS);
    PGresult *result = db_query(stage->keeper, sql);
    int n = PQntuples(result);

    for (int i = 0; i < n; i++)
        ids[i] = fetch_make_place(referencing, PQgetvalue(result, i, 0),
                                  PQgetvalue(result, i, 1));
    PQclear(result);
    free(sql);
    return (size_t)n;
}

static void
follow_all(Reaching *reaching)
{
    Stage *stage = reaching->sample->stage;
    RowId *ids = mem_alloc(FETCH_MAX_KEYS * sizeof(*ids));
    size_t n;

    while ((n = fetch_batch(reaching, ids)) > 0)
    {
        rowids_sort(ids, n);
        reach_follow(reaching->sample, reaching->session, reaching->reference, ids, n,
                     note_reached, reaching);
        if (reaching->is_copying)
            db_copy_in_end(stage->keeper);
        reaching->is_copying = false;
    }
    free(ids);
}

size_t
stage_reach(Sample *sample, Session *session, int reference, int pass)
{
    Stage *stage = sample->stage;
    const Reference *followed = &stage->catalog->references[reference];
    Reaching reaching = {.sample = sample, .session = session, .reference = reference};
    bool is_inside = stage->graph->component_of[followed->referencing] ==
                     stage->graph->component_of[followed->referenced];
    size_t n_new = 0;
    PQExpBufferData sql;

    if (sample->tables[followed->referencing].n_rows == 0 ||
        stage->tables[followed->referencing].last_pass < pass)
        return 0;
    initPQExpBuffer(&sql);
    initPQExpBuffer(&reaching.line);
    stage_prepare_reached(stage);
    query_declare_places(&sql, &stage->names, followed->referencing, pass,
                         is_inside ? stage->tables[followed->referencing].pass : INT_MAX);
    db_execute(stage->keeper, sql.data);
    follow_all(&reaching);
    db_execute(stage->keeper, "CLOSE places");
    if (reaching.n_found > 0)
        n_new = stage_fetch_reached(sample, session, followed->referenced);
    termPQExpBuffer(&reaching.line);
    termPQExpBuffer(&sql);
    return n_new;
}
