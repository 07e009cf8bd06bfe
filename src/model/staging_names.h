/*
 * The names of objects in a staging schema. A source table is staged under its own name,
 * so that a person finds it; under "schema.table" where that name is taken, by a table of
 * another schema or of this program; and under "table_OID" where even that is taken or
 * would be too long.
 *
 * Pure: no server, no output.
 */
#ifndef MODEL_STAGING_NAMES_H
#define MODEL_STAGING_NAMES_H

#include "base/strbuf.h"
#include "model/catalog.h"

typedef struct StagingTable
{
    const char *name;  /* raw */
    const char *qname; /* with the schema, quoted */
    const char
        *pass; /* quoted names of added columns: pass of the row (0: picked), ... */
    const char *leaf;  /* ... the oid of the table or partition that it is in, ... */
    const char *place; /* ... and its ctid there */
} StagingTable;

typedef struct StagingNames
{
    const char *schema;   /* raw */
    const char *qschema;  /* quoted */
    StagingTable *tables; /* by relation */
} StagingNames;

/* Chooses the names, in the catalog's arena. */
StagingNames staging_names_choose(const Catalog *catalog, const char *schema);

#endif
