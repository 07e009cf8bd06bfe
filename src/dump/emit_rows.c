#include "dump/emit_rows.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"
#include "dump/inserts.h"
#include "model/query.h"
#include "sample/fetch.h"

enum
{
    MAX_ORDERED_BY_PLACE = 200000 /* rows: more are ordered by reading the whole table */
};

/* The server alone knows the order of the key's types and collations. */
static void
order_by_key(Sample *sample, Session *session, int relation)
{
    const RowLayout *layout = &sample->layouts[relation];
    RowStore *rows = sample->tables[relation].rows;
    size_t n = rowstore_count(rows);
    PQExpBufferData sql;
    RowId *ids;
    size_t n_ids;

    if (layout->relation->n_key == 0 || n < 2)
        return;
    initPQExpBuffer(&sql);
    if (n > MAX_ORDERED_BY_PLACE)
        query_key_order(&sql, layout);
    else
    {
        ids = mem_alloc(n * sizeof(*ids));
        for (size_t i = 0; i < n; i++)
            ids[i] = rowstore_get_id(rows, i);
        query_key_order_of(&sql, layout, ids, n);
        free(ids);
    }
    ids = fetch_places(session_get_reader(session, layout->relation), layout->relation,
                       sql.data, &n_ids);
    termPQExpBuffer(&sql);
    if (rowstore_reorder(rows, ids, n_ids) != n)
        die_message(EXIT_INCONSISTENT, "table %s changed its rows under the snapshot",
                    layout->relation->qname);
    free(ids);
}

static void
write_copy(Sink *sink, const Sample *sample, int relation)
{
    const RowLayout *layout = &sample->layouts[relation];
    const RowStore *rows = sample->tables[relation].rows;

    sink_format(sink, "COPY %s %s FROM stdin;\n", layout->relation->qname,
                layout->column_list);
    for (size_t i = 0; i < rowstore_count(rows); i++)
    {
        size_t length;
        const char *line = rowstore_get(rows, i, &length);

        line = sample_skip_prefix(layout, line, &length);
        sink_write(sink, line, length);
        sink_write(sink, "\n", 1);
    }
    sink_write_string(sink, "\\.\n");
}

void
emit_rows(Sink *sink, Sample *sample, Session *session, int relation, bool is_ordered,
          int rows_per_insert, bool disable_triggers)
{
    const Relation *table = &sample->plan->catalog->relations[relation];
    RowStore *rows = sample->tables[relation].rows;
    const char *only = table->is_partitioned ? "" : "ONLY ";

    if (rowstore_count(rows) == 0)
        return;
    rowstore_sort(rows);
    if (is_ordered)
        order_by_key(sample, session, relation);
    sink_write_string(sink, "\n");
    if (disable_triggers)
        sink_format(sink, "ALTER TABLE %s%s DISABLE TRIGGER ALL;\n", only, table->qname);
    if (rows_per_insert > 0)
        inserts_write(sink, sample, relation, rows_per_insert, &session->encoding);
    else
        write_copy(sink, sample, relation);
    if (disable_triggers)
        sink_format(sink, "ALTER TABLE %s%s ENABLE TRIGGER ALL;\n", only, table->qname);
}

static void
copy_configuration(Sink *sink, Db *db, const Relation *relation)
{
    PQExpBufferData columns;
    bool has_rows = false;
    char *sql;
    char *line;
    ssize_t length;

    initPQExpBuffer(&columns);
    for (int i = 0; i < relation->n_columns; i++)
    {
        if (!relation->columns[i].is_generated)
            appendPQExpBuffer(&columns, "%s%s", columns.len > 0 ? ", " : "",
                              relation->columns[i].qname);
    }
    sql = mem_format("COPY (SELECT %s FROM ONLY %s %s) TO STDOUT", columns.data,
                     relation->qname,
                     relation->configuration_condition != NULL
                         ? relation->configuration_condition
                         : "");
    db_set_context(db, "could not read configuration table %s", relation->qname);
    db_copy_begin(db, sql);
    while ((length = db_copy_row(db, &line)) >= 0)
    {
        if (!has_rows)
            sink_format(sink, "\nCOPY %s (%s) FROM stdin;\n", relation->qname,
                        columns.data);
        has_rows = true;
        sink_write(sink, line, (size_t)length);
        sink_write(sink, "\n", 1);
    }
    if (has_rows)
        sink_write_string(sink, "\\.\n");
    db_set_context(db, NULL);
    free(sql);
    termPQExpBuffer(&columns);
}

void
emit_configuration(Sink *sink, Session *session, const Catalog *catalog, const Toc *toc)
{
    for (int i = 0; i < catalog->n_relations; i++)
    {
        const Relation *relation = &catalog->relations[i];

        if (relation->is_configuration &&
            (toc == NULL || toc_is_kept(toc, CATALOG_PG_EXTENSION, relation->extension)))
            copy_configuration(sink, session_get_reader(session, relation), relation);
    }
}
