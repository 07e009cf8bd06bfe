#include "model/query_staging.h"
#include "sample/fetch.h"
#include "sample/staging/staging_closure.h"
#include "sample/staging/staging_tables.h"

typedef struct Batch
{
    KeySet *keys;
    size_t n_bytes;
    size_t n_returned;
} Batch;

static void
hand_over(Batch *batch, const GraphKey *fk, StagingKeysFound found, void *context)
{
    const KeyBatch keys = {.set = batch->keys, .n = keyset_count(batch->keys)};

    if (keys.n > 0)
        batch->n_returned += found(context, fk, &keys);
    keyset_free(batch->keys);
    batch->keys = keyset_new();
    batch->n_bytes = 0;
}

size_t
staging_missing_find(Staging *staging, const GraphKey *fk, int pass,
                     StagingKeysFound found, void *context)
{
    Batch batch = {.keys = keyset_new()};
    PQExpBufferData sql;
    char *line;
    ssize_t length;

    staging_tables_need(staging, &fk->foreign_key->referenced, 1);
    initPQExpBuffer(&sql);
    query_staging_pending(&sql, &staging->names, staging->graph, fk, pass);
    db_set_context(staging->staging_db, "could not resolve foreign key %s of table %s",
                   fk->foreign_key->qname, fk->foreign_key->referencing_qname);
    db_copy_begin(staging->staging_db, sql.data);
    while ((length = db_copy_row(staging->staging_db, &line)) >= 0)
    {
        keyset_add(batch.keys, line, (size_t)length, KEY_WANTED, NULL);
        batch.n_bytes += (size_t)length + 4;
        if (keyset_count(batch.keys) == FETCH_MAX_KEYS ||
            batch.n_bytes >= FETCH_MAX_BYTES)
            hand_over(&batch, fk, found, context);
    }
    db_set_context(staging->staging_db, NULL);
    hand_over(&batch, fk, found, context);
    termPQExpBuffer(&sql);
    keyset_free(batch.keys);
    return batch.n_returned;
}
