#include "sample/fetch.h"

#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/log.h"
#include "base/mem.h"
#include "model/query.h"
#include "sample/staging/staging.h"

/*
 * The connection to read the relation with; locators look up rows of others in the same
 * statement.
 */
static Db *
get_reader(const Sample *sample, Session *session, int relation)
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
        const GraphKey *fk = &sample->graph->ignored[ignored->items[i]];

        if (fk->referenced_key < 0)
            session_get_reader(session, &relations[fk->foreign_key->referenced]);
    }
    return session_get_reader(session, &relations[relation]);
}

size_t
fetch_rows(Sample *sample, Session *session, int relation, const char *sql)
{
    enum
    {
        ROWS_PER_PROGRESS = 50000
    };
    const Relation *table = &sample->plan->catalog->relations[relation];
    Db *db;
    size_t n_new = 0;
    char *line;
    ssize_t length;

    if (sample->staging != NULL)
        return staging_insert(sample, relation, sql);
    db = get_reader(sample, session, relation);
    db_set_context(db, "could not read table %s", table->qname);
    db_copy_begin(db, sql);
    while ((length = db_copy_row(db, &line)) >= 0)
    {
        if (sample_add_row(sample, relation, line, (size_t)length) &&
            ++n_new % ROWS_PER_PROGRESS == 0)
            log_progress("%s: %zu rows", table->qname, sample->tables[relation].n_rows);
    }
    db_set_context(db, NULL);
    return n_new;
}

static int
compare_ids(const void *left, const void *right)
{
    RowId a = *(const RowId *)left;
    RowId b = *(const RowId *)right;

    return (a > b) - (a < b);
}

void
fetch_sort_ids(RowId *ids, size_t n)
{
    if (n > 0)
        qsort(ids, n, sizeof(*ids), compare_ids);
}

size_t
fetch_count_batch(const RowId *ids, size_t n)
{
    size_t batch = 1;

    while (batch < n && batch < FETCH_MAX_KEYS &&
           rowid_leaf(ids[batch]) == rowid_leaf(ids[0]))
        batch++;
    return batch;
}

size_t
fetch_ids(Sample *sample, Session *session, int relation, RowId *ids, size_t n)
{
    PQExpBufferData sql;
    size_t n_new = 0;

    initPQExpBuffer(&sql);
    fetch_sort_ids(ids, n);
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

static RowId
make_row_id(const Relation *relation, const char *tableoid, const char *ctid,
            size_t length)
{
    int leaf = catalog_find_leaf(relation, (CatalogOid)strtoul(tableoid, NULL, 10));
    uint32_t block;
    uint32_t offset;

    if (leaf < 0 || !rowid_parse_ctid(ctid, length, &block, &offset))
        die_message(EXIT_SERVER, "a row's place in %s came in an unexpected form",
                    relation->qname);
    return rowid_make(leaf, block, offset);
}

RowId
fetch_parse_row_id(const Relation *relation, const char *line, size_t length)
{
    const char *tab = memchr(line, '\t', length);
    const char *ctid = tab != NULL ? tab + 1 : line + length;

    return make_row_id(relation, line, ctid, (size_t)(line + length - ctid));
}

RowId
fetch_make_row_id(const Relation *relation, const char *tableoid, const char *ctid)
{
    return make_row_id(relation, tableoid, ctid, strlen(ctid));
}

RowId
fetch_parse_found(const Catalog *catalog, const char *line, size_t length, int *relation)
{
    const char *tab = memchr(line, '\t', length);

    size_t used = tab != NULL ? (size_t)(tab - line) + 1 : length;

    *relation = (int)strtol(line, NULL, 10);
    return fetch_parse_row_id(&catalog->relations[*relation], line + used, length - used);
}

RowId *
fetch_row_ids(Db *db, const Relation *relation, const char *sql, size_t *n)
{
    RowId *ids = NULL;
    size_t capacity = 0;
    char *line;
    ssize_t length;

    *n = 0;
    db_copy_begin(db, sql);
    while ((length = db_copy_row(db, &line)) >= 0)
    {
        MEM_GROW(ids, capacity, *n);
        ids[(*n)++] = fetch_parse_row_id(relation, line, (size_t)length);
    }
    return ids;
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
        ids[n++] = fetch_parse_row_id(source, line, (size_t)length);
        if (n < FETCH_MAX_KEYS)
            continue;
        n_new += fetch_ids(sample, session, relation, ids, n);
        n = 0;
    }
    n_new += fetch_ids(sample, session, relation, ids, n);
    free(ids);
    return n_new;
}
