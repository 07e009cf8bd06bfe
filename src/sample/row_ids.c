#include "sample/row_ids.h"

#include <stdlib.h>
#include <string.h>

#include "base/bigmem.h"
#include "base/die.h"
#include "base/mem.h"

RowId
row_ids_make(const Relation *relation, const char *tableoid, const char *ctid,
             size_t ctid_length)
{
    int leaf = catalog_find_leaf(relation, (CatalogOid)strtoul(tableoid, NULL, 10));
    uint32_t block;
    uint32_t offset;

    if (leaf < 0 || !rowid_parse_ctid(ctid, ctid_length, &block, &offset))
        die_message(EXIT_SERVER, "unexpected row id in table %s", relation->qname);
    return rowid_make(leaf, block, offset);
}

RowId
row_ids_parse(const Relation *relation, const char *line, size_t length)
{
    const char *tab = memchr(line, '\t', length);
    const char *ctid = tab != NULL ? tab + 1 : line + length;

    return row_ids_make(relation, line, ctid, (size_t)(line + length - ctid));
}

RowId
row_ids_parse_found(const Catalog *catalog, const char *line, size_t length,
                    int *relation)
{
    const char *tab = memchr(line, '\t', length);
    size_t used = tab != NULL ? (size_t)(tab - line) + 1 : length;

    *relation = (int)strtol(line, NULL, 10);
    return row_ids_parse(&catalog->relations[*relation], line + used, length - used);
}

RowId *
row_ids_read(Db *db, const Relation *relation, const char *sql, size_t *n)
{
    RowId *ids = NULL;
    size_t capacity = 0;
    char *line;
    ssize_t length;

    *n = 0;
    db_copy_begin(db, sql);
    while ((length = db_copy_row(db, &line)) >= 0)
    {
        BIGMEM_GROW(ids, capacity, *n);
        ids[(*n)++] = row_ids_parse(relation, line, (size_t)length);
    }
    return ids;
}

void
row_ids_add(IdSet *set, Db *db, const Relation *relation, const char *sql)
{
    size_t n;
    RowId *ids = row_ids_read(db, relation, sql, &n);

    for (size_t i = 0; i < n; i++)
        idset_add(set, ids[i]);
    bigmem_free(ids);
}

void
row_ids_append(PQExpBuffer line, const Relation *relation, RowId id)
{
    appendPQExpBuffer(line, "%u\t(%u,%u)", relation->leaves[rowid_leaf(id)].oid,
                      rowid_block(id), rowid_offset(id));
}
