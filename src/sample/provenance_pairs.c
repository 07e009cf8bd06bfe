#include "sample/provenance_pairs.h"

#include <string.h>

#include "base/die.h"
#include "model/query_reference.h"
#include "sample/fetch.h"

/* A line "ctid tableoid ctid". */
static void
read_pair(const Relation *referenced, const char *line, size_t length, int leaf,
          ProvenancePair found, void *context)
{
    const char *tab = memchr(line, '\t', length);
    size_t used = tab != NULL ? (size_t)(tab - line) : length;
    uint32_t block;
    uint32_t offset;

    if (used == length || !rowid_parse_ctid(line, used, &block, &offset))
        die_message(EXIT_SERVER, "a reference to %s came in an unexpected form",
                    referenced->qname);
    found(context, rowid_make(leaf, block, offset),
          fetch_parse_row_id(referenced, line + used + 1, length - used - 1));
}

static void
find_batch(Db *db, const Catalog *catalog, const Reference *reference, const RowId *ids,
           size_t n, ProvenancePair found, void *context)
{
    PQExpBufferData sql;
    char *line;
    ssize_t length;

    initPQExpBuffer(&sql);
    query_reference_pairs(&sql, catalog, reference, ids, n);
    db_set_context(db, "reference \"%s\"", reference->text);
    db_copy_begin(db, sql.data);
    while ((length = db_copy_row(db, &line)) >= 0)
        read_pair(&catalog->relations[reference->referenced], line, (size_t)length,
                  rowid_leaf(ids[0]), found, context);
    db_set_context(db, NULL);
    termPQExpBuffer(&sql);
}

void
provenance_pairs_find(const Sample *sample, Session *session, const Reference *reference,
                      RowId *ids, size_t n, ProvenancePair found, void *context)
{
    const Catalog *catalog = sample->plan->catalog;
    Db *db;

    if (sample->plan->tables[reference->referencing].is_skipped ||
        sample->plan->tables[reference->referenced].is_skipped || n == 0 ||
        db_is_busy(session->user.db))
        return;
    (void)session_get_user_reader(session, &catalog->relations[reference->referenced]);
    db = session_get_user_reader(session, &catalog->relations[reference->referencing]);
    fetch_sort_ids(ids, n);
    for (size_t i = 0; i < n;)
    {
        size_t batch = fetch_count_batch(ids + i, n - i);

        find_batch(db, catalog, reference, ids + i, batch, found, context);
        i += batch;
    }
}
