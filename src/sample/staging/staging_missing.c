#include <stdlib.h>

#include "base/mem.h"
#include "model/query_staging.h"
#include "sample/fetch.h"
#include "sample/staging/staging_closure.h"

typedef struct Batch
{
    KeySet *keys;
    size_t *indexes;
    size_t n_bytes;
    size_t n_returned;
} Batch;

static void
hand_over(Batch *batch, const Edge *edge, StageKeysFound found, void *context)
{
    size_t n = keyset_count(batch->keys);

    if (n > 0)
        batch->n_returned += found(context, edge, batch->keys, batch->indexes, n);
    keyset_free(batch->keys);
    batch->keys = keyset_new();
    batch->n_bytes = 0;
}

size_t
stage_find_missing(Stage *stage, const Edge *edge, int pass, StageKeysFound found,
                   void *context)
{
    Batch batch = {.keys = keyset_new(),
                   .indexes = mem_alloc(FETCH_MAX_KEYS * sizeof(size_t))};
    PQExpBufferData sql;
    char *line;
    ssize_t length;

    for (size_t i = 0; i < FETCH_MAX_KEYS; i++)
        batch.indexes[i] = i;
    initPQExpBuffer(&sql);
    query_stage_pending(&sql, &stage->names, stage->graph, edge, pass);
    db_set_context(stage->keeper, "could not resolve foreign key %s of table %s",
                   edge->foreign_key->qname, edge->foreign_key->referencing_qname);
    db_copy_begin(stage->keeper, sql.data);
    while ((length = db_copy_row(stage->keeper, &line)) >= 0)
    {
        keyset_add(batch.keys, line, (size_t)length, KEY_WANTED, NULL);
        batch.n_bytes += (size_t)length + 4;
        if (keyset_count(batch.keys) == FETCH_MAX_KEYS ||
            batch.n_bytes >= FETCH_MAX_BYTES)
            hand_over(&batch, edge, found, context);
    }
    db_set_context(stage->keeper, NULL);
    hand_over(&batch, edge, found, context);
    termPQExpBuffer(&sql);
    keyset_free(batch.keys);
    free(batch.indexes);
    return batch.n_returned;
}
