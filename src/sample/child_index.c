#include "sample/child_index.h"

#include <stdlib.h>

#include "base/mem.h"
#include "db/row.h"
#include "db/sql_text.h"

enum
{
    MAX_COLUMNS = 32 /* of an index: INDEX_MAX_KEYS */
};

typedef struct IndexColumns
{
    int attnums[MAX_COLUMNS];
    int n;
} IndexColumns;

static IndexColumns
parse_columns(const char *text)
{
    IndexColumns columns = {.n = 0};
    char *next;

    while (columns.n < MAX_COLUMNS)
    {
        long attnum = strtol(text, &next, 10);

        if (next == text)
            break;
        columns.attnums[columns.n++] = (int)attnum;
        text = next;
    }
    return columns;
}

static bool
is_key_column(const Relation *relation, const ForeignKey *key, int attnum)
{
    for (int i = 0; i < key->n_columns; i++)
    {
        if (relation->columns[key->referencing_columns[i]].attnum == attnum)
            return true;
    }
    return false;
}

static ChildIndex
judge_index(const Relation *relation, const ForeignKey *key, const IndexColumns *index)
{
    int next = key->n_columns;

    for (int i = 0; i < key->n_columns; i++)
    {
        if (i >= index->n || !is_key_column(relation, key, index->attnums[i]))
            return i == 0 ? CHILD_INDEX_NONE : CHILD_INDEX_ANY;
    }
    /* where the foreign key is given, its columns do not matter for the order */
    for (int i = 0; i < relation->n_key; i++)
    {
        int attnum = relation->columns[relation->key[i]].attnum;

        if (is_key_column(relation, key, attnum))
            continue;
        if (next >= index->n || index->attnums[next++] != attnum)
            return CHILD_INDEX_ANY;
    }
    return relation->n_key > 0 ? CHILD_INDEX_ORDERED : CHILD_INDEX_ANY;
}

ChildIndex *
child_index_load(Db *db, const FkGraph *graph)
{
    const Catalog *catalog = graph->catalog;
    ChildIndex *found = mem_alloc_zero((size_t)graph->n_fks, sizeof(*found));
    PGresult *result = db_query(db, sql_child_indexes);
    RowReader row = row_reader(result);

    while (row_next(&row))
    {
        int relation = catalog_find_relation(catalog, row_oid(&row));
        IndexColumns columns = parse_columns(row_text(&row));

        for (int i = 0; relation >= 0 && i < graph->outgoing[relation].n_items; i++)
        {
            int fk = graph->outgoing[relation].items[i];
            ChildIndex kind = judge_index(&catalog->relations[relation],
                                          graph->fks[fk].foreign_key, &columns);

            if (kind > found[fk])
                found[fk] = kind;
        }
    }
    PQclear(result);
    return found;
}
