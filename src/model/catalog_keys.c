/* A part of catalog_load(): keys and foreign keys. */
#include "model/catalog_load.h"

#include <string.h>

#include "base/arena.h"
#include "db/row.h"
#include "db/sql_text.h"

enum
{
    TYPE_INT8 = 20,
    TYPE_INT2 = 21,
    TYPE_INT4 = 23,
    TYPE_TEXT = 25,
    TYPE_VARCHAR = 1043
};

void
catalog_keys_load(Catalog *catalog, Answers *answers)
{
    PGresult *result = answers_query(answers, sql_keys);
    RowReader row = row_reader(result);
    int *columns = ARENA_ARRAY(catalog->arena, PQntuples(result), int);

    while (row_next(&row))
    {
        int position = catalog_find_relation(catalog, row_oid(&row));
        Relation *relation;

        if (position < 0)
            continue;
        relation = &catalog->relations[position];
        if (relation->n_key == 0)
            relation->key = &columns[row.row];
        relation->key[relation->n_key++] = catalog_find_attnum(relation, row_int(&row));
    }
    PQclear(result);
}

/* Types whose values have the same text when they are equal across the types. */
static CatalogOid
type_family(CatalogOid type)
{
    switch (type)
    {
        case TYPE_INT2:
        case TYPE_INT4:
        case TYPE_INT8:
            return TYPE_INT8;
        case TYPE_TEXT:
        case TYPE_VARCHAR:
            return TYPE_TEXT;
        default:
            return type;
    }
}

static bool
is_pair_canonical(const Column *referencing, const Column *referenced)
{
    if (referencing->is_padded && referenced->is_padded)
        return strcmp(referencing->declared_type, referenced->declared_type) == 0;
    return referencing->is_canonical && referenced->is_canonical &&
           type_family(referencing->type) == type_family(referenced->type);
}

/* The root and, if the oid is a partition's, that partition. */
static int
find_root_and_partition(const Catalog *catalog, CatalogOid oid, CatalogOid *partition)
{
    const Partition *found;
    int position = catalog_find_relation(catalog, oid);

    *partition = 0;
    if (position >= 0)
        return position;
    found = catalog_find_partition(catalog, oid);
    if (found == NULL)
        return -1;
    *partition = oid;
    return found->relation;
}

/*
 * Reads the part of a foreign key that its rows have in common; false: it is not of a
 * table in the catalog, or of an extension's.
 */
static bool
read_foreign_key(Catalog *catalog, ForeignKey *key, RowReader *row)
{
    const char *comment;

    key->name = arena_copy_string(catalog->arena, row_text(row));
    key->qname = arena_copy_string(catalog->arena, row_text(row));
    key->referencing =
        find_root_and_partition(catalog, row_oid(row), &key->referencing_partition);
    key->referenced =
        find_root_and_partition(catalog, row_oid(row), &key->referenced_partition);
    key->referencing_qname = arena_copy_string(catalog->arena, row_text(row));
    key->is_match_full = row_bool(row);
    key->is_deferrable = row_bool(row);
    key->is_validated = row_bool(row);
    key->definition = arena_copy_string(catalog->arena, row_text(row));
    comment = row_text(row);
    key->comment = comment != NULL ? arena_copy_string(catalog->arena, comment) : NULL;
    key->is_canonical = true;
    key->period = -1;
    return key->referencing >= 0 && key->referenced >= 0 &&
           !catalog->relations[key->referencing].is_extension_member;
}

/* Appends one pair of columns, which are what the reader reads next. */
static void
read_column_pair(Catalog *catalog, ForeignKey *key, RowReader *row)
{
    const Relation *referencing = &catalog->relations[key->referencing];
    const Relation *referenced = &catalog->relations[key->referenced];
    int i = key->n_columns++;
    const Column *column;
    const char *type_name;

    key->referencing_columns[i] = catalog_find_column(referencing, row_text(row));
    key->referenced_columns[i] = catalog_find_column(referenced, row_text(row));
    column = &referencing->columns[key->referencing_columns[i]];
    if (!is_pair_canonical(column, &referenced->columns[key->referenced_columns[i]]))
        key->is_canonical = false;
    key->operators[i] = arena_copy_string(catalog->arena, row_text(row));
    if (!row_bool(row))
        key->is_canonical = false;
    key->collations[i] = arena_copy_string(catalog->arena, row_text(row));
    row_oid(row);
    type_name = row_text(row);
    /* anyenum and the like: the values are of the referencing column's type */
    key->value_types[i] =
        row_bool(row) ? column->type_name : arena_copy_string(catalog->arena, type_name);
    if (row_bool(row))
        key->period = i;
}

static void
allocate_pairs(Catalog *catalog, ForeignKey *key, int n)
{
    size_t count = (size_t)n;

    key->referencing_columns = ARENA_ARRAY(catalog->arena, count, int);
    key->referenced_columns = ARENA_ARRAY(catalog->arena, count, int);
    key->operators = ARENA_ARRAY(catalog->arena, count, char *);
    key->value_types = ARENA_ARRAY(catalog->arena, count, char *);
    key->collations = ARENA_ARRAY(catalog->arena, count, char *);
}

/* How many rows, from this one on, belong to the same constraint. */
static int
count_pairs(const PGresult *result, int row)
{
    const char *oid = PQgetvalue(result, row, 0);
    int n = 0;

    while (row + n < PQntuples(result) &&
           strcmp(PQgetvalue(result, row + n, 0), oid) == 0)
        n++;
    return n;
}

void
catalog_keys_load_foreign(Catalog *catalog, Answers *answers)
{
    enum
    {
        FIRST_PAIR_COLUMN = 11
    };
    PGresult *result = answers_query(answers, sql_foreign_keys);
    RowReader row = row_reader(result);
    bool has_row = row_next(&row);

    catalog->foreign_keys = ARENA_ARRAY(catalog->arena, PQntuples(result), ForeignKey);
    while (has_row)
    {
        ForeignKey *key = &catalog->foreign_keys[catalog->n_foreign_keys];
        int n_pairs = count_pairs(result, row.row);
        bool is_ours;

        *key = (ForeignKey){.number = catalog->n_foreign_keys, .oid = row_oid(&row)};
        is_ours = read_foreign_key(catalog, key, &row);
        allocate_pairs(catalog, key, n_pairs);
        for (int i = 0; i < n_pairs; i++)
        {
            row.column = FIRST_PAIR_COLUMN;
            if (is_ours)
                read_column_pair(catalog, key, &row);
            has_row = row_next(&row);
        }
        if (is_ours)
            catalog->n_foreign_keys++;
    }
    PQclear(result);
}
