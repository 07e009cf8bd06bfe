/* Which rows refer to which by a declared reference, for provenance.h. */
#include "sample/provenance.h"

#include <string.h>

#include "base/die.h"
#include "model/query_reference.h"
#include "sample/fetch.h"
#include "sample/row_ids.h"

/* A line "ctid tableoid ctid". */
static void
read_reference_pair(const ProvenancePairs *pairs, const char *line, size_t length,
                    int leaf)
{
    const Relation *referenced =
        &pairs->sample->plan->catalog->relations[pairs->reference->referenced];
    const char *tab = memchr(line, '\t', length);
    size_t used = tab != NULL ? (size_t)(tab - line) : length;
    uint32_t block;
    uint32_t offset;

    if (used == length || !rowid_parse_ctid(line, used, &block, &offset))
        die_message(EXIT_SERVER, "unexpected format of a reference to table %s",
                    referenced->qname);
    pairs->found(pairs->context, rowid_make(leaf, block, offset),
                 row_ids_parse(referenced, line + used + 1, length - used - 1));
}

static void
find_batch(const ProvenancePairs *pairs, Db *db, const RowId *ids, size_t n)
{
    PQExpBufferData sql;
    char *line;
    ssize_t length;

    initPQExpBuffer(&sql);
    query_reference_pairs(&sql, pairs->sample->plan->catalog, pairs->reference, ids, n);
    db_set_context(db, "reference \"%s\"", pairs->reference->text);
    db_copy_begin(db, sql.data);
    while ((length = db_copy_row(db, &line)) >= 0)
        read_reference_pair(pairs, line, (size_t)length, rowid_leaf(ids[0]));
    db_set_context(db, NULL);
    termPQExpBuffer(&sql);
}

void
provenance_pairs_find(const ProvenancePairs *pairs, RowId *ids, size_t n)
{
    const Plan *plan = pairs->sample->plan;
    const Reference *reference = pairs->reference;
    Session *session = pairs->session;
    Db *db;

    if (plan->tables[reference->referencing].is_skipped ||
        plan->tables[reference->referenced].is_skipped || n == 0 ||
        db_is_busy(session->user.db))
        return;
    (void)session_get_user_reader(session,
                                  &plan->catalog->relations[reference->referenced]);
    db = session_get_user_reader(session,
                                 &plan->catalog->relations[reference->referencing]);
    rowid_sort(ids, n);
    for (size_t i = 0; i < n;)
    {
        size_t batch = fetch_count_batch(ids + i, n - i);

        find_batch(pairs, db, ids + i, batch);
        i += batch;
    }
}
