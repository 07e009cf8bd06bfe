#include <stdlib.h>

#include "base/mem.h"
#include "model/query_staging.h"
#include "sample/fetch.h"
#include "sample/pick.h"
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

/* Are there referencing rows of that pass (-1: any)? */
static bool
refers_in_pass(const Sample *sample, const GraphKey *fk, int pass)
{
    int referencing = fk->foreign_key->referencing;

    return sample->tables[referencing].n_rows > 0 &&
           sample->staging->tables[referencing].last_pass >= pass;
}

bool
staging_missing_is_possible(const Sample *sample, const KeyGroup *group, int pass)
{
    int referenced = group->fks[0]->foreign_key->referenced;
    int i = 0;

    if (sample->plan->tables[referenced].is_data_excluded ||
        pick_took_all(sample, referenced))
        return false;
    while (i < group->n && !refers_in_pass(sample, group->fks[i], pass))
        i++;
    return i < group->n;
}

void
staging_missing_append(PQExpBuffer sql, const Sample *sample, const KeyGroup *group,
                       int pass)
{
    const GraphKey **fks = mem_alloc((size_t)group->n * sizeof(*fks));
    int n = 0;

    for (int i = 0; i < group->n; i++)
    {
        if (refers_in_pass(sample, group->fks[i], pass))
            fks[n++] = group->fks[i];
    }
    query_staging_pending(sql, &sample->staging->names, sample->graph, fks, n, pass);
    free(fks);
}

void
staging_missing_set_context(const Staging *staging, const KeyGroup *group)
{
    const ForeignKey *key = group->fks[0]->foreign_key;

    if (group->n == 1)
        db_set_context(staging->staging_db,
                       "could not resolve foreign key %s of table %s", key->qname,
                       key->referencing_qname);
    else
        db_set_context(staging->staging_db,
                       "could not resolve foreign keys that refer to table %s",
                       staging->catalog->relations[key->referenced].qname);
}

size_t
staging_missing_find(const Sample *sample, const KeyGroup *group, int pass,
                     StagingKeysFound found, void *context)
{
    Staging *staging = sample->staging;
    Batch batch = {.keys = keyset_new()};
    PQExpBufferData sql;
    char *line;
    ssize_t length;

    staging_tables_need(staging, &group->fks[0]->foreign_key->referenced, 1);
    initPQExpBuffer(&sql);
    staging_missing_append(&sql, sample, group, pass);
    staging_missing_set_context(staging, group);
    db_copy_begin(staging->staging_db, sql.data);
    while ((length = db_copy_row(staging->staging_db, &line)) >= 0)
    {
        keyset_add(batch.keys, line, (size_t)length, KEY_WANTED, NULL);
        batch.n_bytes += (size_t)length + 4;
        if (keyset_count(batch.keys) == FETCH_MAX_KEYS ||
            batch.n_bytes >= FETCH_MAX_BYTES)
            hand_over(&batch, group->fks[0], found, context);
    }
    db_set_context(staging->staging_db, NULL);
    hand_over(&batch, group->fks[0], found, context);
    termPQExpBuffer(&sql);
    keyset_free(batch.keys);
    return batch.n_returned;
}
