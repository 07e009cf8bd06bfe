/*
 * What masks must know of the source's schema besides the catalog, as the server says it:
 * types and what they have room for, unique indexes, checks, generated columns. Only
 * asked where columns are masked, or shown by --plan (mask_facts_load.h).
 */
#ifndef MODEL_MASK_FACTS_H
#define MODEL_MASK_FACTS_H

#include "model/mask_plan.h"

typedef struct MaskColumnFacts
{
    MaskTarget target; /* without what depends on the class of the column */
    CatalogOid type;   /* of an array: of its elements; below domains */
    MaskCanonical canonical;
    bool has_domain;
    bool is_partition_key;
    bool is_nondeterministic; /* its collation takes different texts for equal */
    bool is_commented;        /* its comment says "pii" */
    const char *exclusion;    /* name of an exclusion constraint that has it, or NULL */
} MaskColumnFacts;

/* A unique index, whether or not its columns are masked. */
typedef struct MaskIndexFacts
{
    MaskUniqueIndex index;
    int *mentioned; /* columns of its expressions and predicate */
    int n_mentioned;
} MaskIndexFacts;

typedef struct MaskCheckFacts
{
    MaskCheck check;
    int *columns;
    int n_columns;
    bool has_whole_row; /* it uses all columns */
} MaskCheckFacts;

typedef struct MaskGeneratedFacts
{
    MaskGenerated generated;
    int *sources; /* columns that it is computed from */
    int n_sources;
} MaskGeneratedFacts;

typedef struct MaskFacts
{
    MaskColumnFacts **columns; /* by relation, then by column */
    MaskIndexFacts *indexes;
    int n_indexes;
    MaskCheckFacts *checks;
    int n_checks;
    MaskGeneratedFacts *generated;
    int n_generated;
} MaskFacts;

/* The declared type for messages: without the schema of the system's own types. */
const char *mask_facts_show_type(const Column *column);

#endif
