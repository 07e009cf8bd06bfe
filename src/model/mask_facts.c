#include "model/mask_facts_load.h"

#include <string.h>

#include "db/row.h"
#include "db/sql_text.h"

enum
{
    TYPMOD_HEADER = 4, /* what the modifiers of texts and numerics are raised by */
    NAME_LENGTH = 63
};

/* Types of pg_catalog; their oids are the same everywhere. */
static const struct
{
    CatalogOid oid;
    MaskType type;
    int size;
    MaskCanonical canonical;
} system_types[] = {
    {25, MASK_TYPE_TEXT, 0, MASK_CANONICAL_AS_IS},        /* text */
    {1043, MASK_TYPE_TEXT, 0, MASK_CANONICAL_AS_IS},      /* varchar */
    {1042, MASK_TYPE_TEXT, 0, MASK_CANONICAL_TRIMMED},    /* char(n) */
    {19, MASK_TYPE_TEXT, 0, MASK_CANONICAL_AS_IS},        /* name */
    {21, MASK_TYPE_INTEGER, 2, MASK_CANONICAL_AS_IS},     /* int2 */
    {23, MASK_TYPE_INTEGER, 4, MASK_CANONICAL_AS_IS},     /* int4 */
    {20, MASK_TYPE_INTEGER, 8, MASK_CANONICAL_AS_IS},     /* int8 */
    {1700, MASK_TYPE_NUMERIC, 0, MASK_CANONICAL_NUMERIC}, /* numeric */
    {700, MASK_TYPE_FLOAT, 4, MASK_CANONICAL_AS_IS},      /* float4 */
    {701, MASK_TYPE_FLOAT, 8, MASK_CANONICAL_AS_IS},      /* float8 */
    {16, MASK_TYPE_BOOLEAN, 0, MASK_CANONICAL_AS_IS},     /* bool */
    {1082, MASK_TYPE_DATE, 0, MASK_CANONICAL_AS_IS},      /* date */
    {1114, MASK_TYPE_TIMESTAMP, 0, MASK_CANONICAL_AS_IS}, /* timestamp */
    {1184, MASK_TYPE_TIMESTAMP, 0, MASK_CANONICAL_AS_IS}, /* timestamptz */
    {2950, MASK_TYPE_UUID, 0, MASK_CANONICAL_AS_IS},      /* uuid */
    {869, MASK_TYPE_INET, 0, MASK_CANONICAL_AS_IS},       /* inet */
    {650, MASK_TYPE_INET, 0, MASK_CANONICAL_AS_IS},       /* cidr */
    {829, MASK_TYPE_MACADDR, 6, MASK_CANONICAL_AS_IS},    /* macaddr */
    {774, MASK_TYPE_MACADDR, 8, MASK_CANONICAL_AS_IS},    /* macaddr8 */
    {17, MASK_TYPE_BYTEA, 0, MASK_CANONICAL_AS_IS},       /* bytea */
    {114, MASK_TYPE_JSON, 0, MASK_CANONICAL_AS_IS},       /* json */
    {3802, MASK_TYPE_JSON, 0, MASK_CANONICAL_AS_IS},      /* jsonb */
    {142, MASK_TYPE_XML, 0, MASK_CANONICAL_AS_IS},        /* xml */
    {3614, MASK_TYPE_TSVECTOR, 0, MASK_CANONICAL_AS_IS},  /* tsvector */
    {600, MASK_TYPE_POINT, 0, MASK_CANONICAL_AS_IS},      /* point */
};

enum
{
    OID_NAME = 19,
    OID_CIDR = 650,
    OID_BPCHAR = 1042,
    OID_TIMESTAMPTZ = 1184
};

static void
set_system_type(MaskColumnFacts *facts)
{
    for (size_t i = 0; i < sizeof(system_types) / sizeof(system_types[0]); i++)
    {
        if (system_types[i].oid != facts->type)
            continue;
        facts->target.type = system_types[i].type;
        facts->target.size = system_types[i].size;
        facts->canonical = system_types[i].canonical;
    }
    facts->target.is_cidr = facts->type == OID_CIDR;
    facts->target.has_time_zone = facts->type == OID_TIMESTAMPTZ;
    if (facts->type == OID_NAME)
        facts->target.max_length = NAME_LENGTH;
}

static void
set_extension_type(MaskColumnFacts *facts, const char *extension, const char *name)
{
    if (strcmp(extension, "citext") == 0 && strcmp(name, "citext") == 0)
    {
        facts->target.type = MASK_TYPE_TEXT;
        facts->target.is_lowered = true;
        facts->canonical = MASK_CANONICAL_LOWERED;
    }
    else if (strcmp(extension, "hstore") == 0 && strcmp(name, "hstore") == 0)
        facts->target.type = MASK_TYPE_HSTORE;
}

/* What the type has room for: -1: any. */
static void
set_modifier(MaskColumnFacts *facts, int modifier)
{
    MaskTarget *target = &facts->target;
    int bits = modifier - TYPMOD_HEADER;

    if (modifier < TYPMOD_HEADER)
        return;
    if (target->type == MASK_TYPE_TEXT && facts->canonical != MASK_CANONICAL_LOWERED)
    {
        target->max_length = bits;
        target->is_padded = facts->type == OID_BPCHAR;
    }
    else if (target->type == MASK_TYPE_NUMERIC)
    {
        target->precision = (bits >> 16) & 0xffff;
        target->scale = ((bits & 0x7ff) ^ 0x400) - 0x400; /* signed, of 11 bits */
    }
}

/* Reads what comes behind relation and name of the column. */
static void
read_column_facts(MaskColumnFacts *facts, RowReader *row, const CopyEncoding *encoding)
{
    const char *kind;
    const char *extension;
    const char *name;

    *facts = (MaskColumnFacts){.type = row_oid(row), .target.encoding = encoding};
    kind = row_text(row);
    extension = row_text(row);
    name = row_text(row);
    if (extension != NULL)
        set_extension_type(facts, extension, name);
    else if (kind[0] == 'e')
        facts->target.type = MASK_TYPE_ENUM;
    else
        set_system_type(facts);
    facts->target.is_array = row_bool(row);
    set_modifier(facts, row_int(row));
    facts->has_domain = row_bool(row);
    facts->target.is_nullable = !row_bool(row);
    facts->is_partition_key = row_bool(row);
    facts->is_nondeterministic = row_bool(row);
    facts->is_commented = row_bool(row);
    if (facts->target.is_array)
        facts->canonical = MASK_CANONICAL_AS_IS;
}

static void
load_column_facts(MaskFacts *facts, const Catalog *catalog, Answers *answers,
                  const CopyEncoding *encoding)
{
    PGresult *result = answers_query(answers, sql_mask_columns);
    RowReader row = row_reader(result);

    facts->columns = ARENA_ARRAY(catalog->arena, catalog->n_relations, MaskColumnFacts *);
    for (int i = 0; i < catalog->n_relations; i++)
        facts->columns[i] =
            ARENA_ARRAY(catalog->arena, catalog->relations[i].n_columns, MaskColumnFacts);
    while (row_next(&row))
    {
        int relation = catalog_find_relation(catalog, row_oid(&row));
        const char *name = row_text(&row);
        int column =
            relation < 0 ? -1 : catalog_find_column(&catalog->relations[relation], name);

        if (column >= 0)
            read_column_facts(&facts->columns[relation][column], &row, encoding);
    }
    PQclear(result);
}

/* The labels of one enum, for all columns of its type. */
static void
set_labels(const MaskFacts *facts, const Catalog *catalog, CatalogOid type,
           const char *const *labels, int n)
{
    for (int i = 0; i < catalog->n_relations; i++)
    {
        for (int j = 0; j < catalog->relations[i].n_columns; j++)
        {
            MaskColumnFacts *column = &facts->columns[i][j];

            if (column->target.type != MASK_TYPE_ENUM || column->type != type)
                continue;
            column->target.labels = labels;
            column->target.n_labels = n;
        }
    }
}

static void
load_enum_labels(const MaskFacts *facts, const Catalog *catalog, Answers *answers)
{
    PGresult *result = answers_query(answers, sql_mask_enums);
    const char **labels = ARENA_ARRAY(catalog->arena, PQntuples(result), char *);
    RowReader row = row_reader(result);
    CatalogOid last = 0;
    int first = 0;

    while (row_next(&row))
    {
        CatalogOid type = row_oid(&row);

        if (type != last && last != 0)
        {
            set_labels(facts, catalog, last, labels + first, row.row - first);
            first = row.row;
        }
        last = type;
        labels[row.row] = arena_copy_string(catalog->arena, row_text(&row));
    }
    if (last != 0)
        set_labels(facts, catalog, last, labels + first, PQntuples(result) - first);
    PQclear(result);
}

const char *
mask_facts_show_type(const Column *column)
{
    static const char schema[] = "pg_catalog.";
    const char *type = column->declared_type;

    return strncmp(type, schema, strlen(schema)) == 0 ? type + strlen(schema) : type;
}

MaskFacts *
mask_facts_load(const Catalog *catalog, Answers *answers, const CopyEncoding *encoding)
{
    MaskFacts *facts = arena_alloc(catalog->arena, sizeof(*facts));

    answers_set_context(answers, "could not read the catalogs");
    load_column_facts(facts, catalog, answers, encoding);
    load_enum_labels(facts, catalog, answers);
    mask_facts_rows_load(facts, catalog, answers);
    answers_set_context(answers, NULL);
    return facts;
}
