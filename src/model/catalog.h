/*
 * What the program knows of the source database's schema: read once, in the snapshot,
 * with one query for each kind of object, and const afterwards.
 *
 * A relation here is a logical table: an ordinary table, or the root of a partitioned
 * table with all its partitions. "qname" is quoted by the server and goes into SQL;
 * "name" and "schema" are raw and never do. Everything is in the catalog's arena.
 */
#ifndef MODEL_CATALOG_H
#define MODEL_CATALOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "model/oidmap.h"

typedef uint32_t CatalogOid;

enum
{
    CATALOG_PG_PROC = 1255,
    CATALOG_PG_CLASS = 1259, /* oids of system catalogs, as pg_dump lists them */
    CATALOG_PG_CONSTRAINT = 2606,
    CATALOG_PG_NAMESPACE = 2615,
    CATALOG_PG_EXTENSION = 3079
};

typedef struct Column
{
    const char *name;
    const char *qname;
    int attnum;
    CatalogOid type;           /* below all domains */
    const char *type_name;     /* of that type, for casts */
    const char *declared_type; /* as it was declared, with its modifiers */
    const char *collation;     /* " COLLATE x.y", or "" */
    const char *operand;       /* qname, as operators take it: "c::base_type" of a domain
                                  whose base type has only those of a pseudo-type */
    bool is_not_null;
    bool is_generated;
    bool is_always_identity;
    bool is_canonical; /* equal values have equal text, and only they */
    bool is_padded;    /* char(n): the same among columns of one length */
    bool is_number;    /* its text needs no quotes in an INSERT */
    bool is_boolean;
    bool is_checked; /* by a CHECK constraint of the table */
} Column;

/* Where rows are stored: an ordinary table, or a leaf partition. */
typedef struct Leaf
{
    CatalogOid oid;
    const char *schema;
    const char *name;
    const char *qname;
    double n_tuples; /* estimate; -1: never analyzed */
    int64_t n_pages; /* estimate */
    CatalogOid filenode;
    bool is_foreign;
    bool is_direct; /* its own name shows the same rows as the root does */
} Leaf;

/* A partition, leaf or not, of some root. */
typedef struct Partition
{
    CatalogOid oid;
    CatalogOid parent;
    const char *schema;
    const char *name;
    const char *qname;
    int relation; /* index of the root */
    bool is_leaf;
    int first_leaf; /* the leaves below it are neighbours in the root's bound order */
    int n_leaves;
    bool is_readable;
} Partition;

typedef struct Relation
{
    CatalogOid oid;
    const char *schema;
    const char *name;
    const char *qname;
    bool is_partitioned;
    bool is_unlogged;
    bool is_readable;     /* SELECT on it and USAGE on its schema */
    bool is_of_loader;    /* in the schema that pg-sample-load keeps its own tables in */
    CatalogOid extension; /* that it belongs to, or 0: left to CREATE EXTENSION ... */
    bool is_extension_member;
    bool is_configuration;               /* ... except for these rows of it */
    const char *configuration_condition; /* "WHERE ..." or "" */
    int n_indexes;                       /* with those of the partitions */
    double n_tuples;                     /* estimate; -1: never analyzed */
    int64_t n_pages;
    Column *columns;
    int n_columns;
    int *key; /* columns of the primary key or of another key without NULLs */
    int n_key;
    Leaf *leaves; /* in the order in which a sequential scan reads them */
    int n_leaves;
    CatalogOid *parents; /* that it inherits from; never of a partitioned table */
    int n_parents;
} Relation;

/*
 * With PERIOD a row refers to all rows whose other columns are equal and whose period
 * overlaps its own, by the operators of the constraint; the key holds if the union of
 * their periods contains its own. Periods of referenced rows do not overlap, so each of
 * these rows is needed.
 */
typedef struct ForeignKey
{
    int number; /* in catalog->foreign_keys */
    CatalogOid oid;
    const char *name;
    const char *qname;
    int referencing;                  /* index of a relation */
    int referenced;                   /* index of a relation */
    CatalogOid referencing_partition; /* defined on this partition only, or 0 */
    CatalogOid referenced_partition;  /* it refers to this partition only, or 0 */
    const char *referencing_qname; /* of the table or partition that it is defined on */
    int n_columns;
    int *referencing_columns; /* indexes into the relations' columns, pairwise */
    int *referenced_columns;
    const char **operators;   /* "OPERATOR(schema.=)", referenced value on the left */
    const char **value_types; /* type of the operator's right side, for casts */
    const char **collations;  /* " COLLATE ..." for the right side, or "" */
    int period;               /* the pair of columns that are ranges, or -1; see below */
    bool is_match_full;
    bool is_deferrable;
    bool is_validated;
    bool is_ignored;        /* by --ignore-fk; set before the graph is built */
    bool is_cut;            /* ... and the dump cannot have the table that it refers to */
    bool is_canonical;      /* keys can be compared by their text */
    const char *definition; /* pg_get_constraintdef() */
    const char *comment;    /* or NULL */
} ForeignKey;

/* Why a column cannot become NULL, besides being NOT NULL or part of a foreign key. */
typedef struct NullObstacle
{
    int relation;
    int column;
    int first_leaf; /* in rows of these leaves */
    int n_leaves;
    const char *reason;
} NullObstacle;

/* A CHECK constraint, of a relation or of one partition. */
typedef struct CheckConstraint
{
    int relation;
    int first_leaf; /* in rows of these leaves */
    int n_leaves;
    const char *qname;
    const char *table_qname; /* of the table or partition that it is defined on */
    const char *alias;       /* the table's name, quoted: what the expression calls it */
    const char *expression;
    int *columns; /* that it uses */
    int n_columns;
    bool has_whole_row; /* it uses all of them */
} CheckConstraint;

/*
 * What --reference declares: rows of one relation refer to all rows of another whose
 * columns equal the values of expressions. It is not a constraint: values may dangle.
 */
typedef struct Reference
{
    const char *text; /* as the user wrote it */
    int referencing;  /* index of a relation */
    int referenced;
    int n_columns;
    const char **expressions; /* the user's SQL over the referencing relation */
    const char *condition;    /* the same: where it applies, or NULL: everywhere */
    int *referenced_columns;
    const char **operators;  /* "OPERATOR(schema.=)", referenced value on the left */
    const char **casts;      /* "::type" of expressions, or "": compared as they are */
    const char **collations; /* " COLLATE ..." for the right side, or "" */
    bool is_unique;          /* an index lets at most one row match */
    bool is_indexed;         /* an index finds the rows that match */
} Reference;

typedef struct Sequence
{
    CatalogOid oid;
    const char *qname;
    const char *name;
    bool is_readable;
    CatalogOid extension; /* that it belongs to, or 0 */
    bool is_configuration;
    bool is_descending;
    int64_t start;
    int64_t minimum;
    int64_t maximum;
    int relation; /* whose column draws from it, or -1 */
    int column;
} Sequence;

typedef struct MaterializedView
{
    CatalogOid oid;
    const char *qname;
    const char *schema;
    const char *name;
    bool is_populated;
    int *uses; /* indexes of the materialized views it reads, directly or through views */
    size_t n_uses;
} MaterializedView;

/* A view, materialized view, sequence or foreign table. */
typedef struct OtherRelation
{
    const char *schema;
    const char *name;
} OtherRelation;

typedef struct Catalog
{
    Arena *arena;
    int server_version;
    bool is_standby;
    int lock_slots;      /* max_locks_per_transaction x (connections + prepared) */
    int lock_slots_used; /* in pg_locks at the time */
    int block_size;
    /* of the database: a hash that only copies of its files have, too; NULL: the role
       lacks the privilege */
    const char *identity;
    const char *search_path; /* the user's own, for the user's own SQL */
    Relation *relations;     /* ordered by schema and name */
    int n_relations;
    OidMap relation_map;
    int *heirs; /* relations that inherit from others */
    int n_heirs;
    Partition *partitions;
    int n_partitions;
    OidMap partition_map;
    ForeignKey *foreign_keys; /* ordered by referencing relation and name */
    int n_foreign_keys;
    NullObstacle *obstacles; /* only where keys are ignored, as the checks */
    int n_obstacles;
    CheckConstraint *checks;
    int n_checks;
    Reference *references; /* declared; in the order of their texts (reference.h) */
    int n_references;
    Sequence *sequences; /* ordered by schema and name; one row per column that uses it */
    int n_sequences;
    MaterializedView *materialized_views; /* ordered by schema and name */
    int n_materialized_views;
    OtherRelation *other_relations;
    int n_other_relations;
} Catalog;

/* Index of the relation with that oid, or -1. */
int catalog_find_relation(const Catalog *catalog, CatalogOid oid);
/* The same for a partition's root. */
int catalog_find_root(const Catalog *catalog, CatalogOid oid);
/* The partition with that oid, or NULL. */
const Partition *catalog_find_partition(const Catalog *catalog, CatalogOid oid);

/* Index of the leaf with that oid among the relation's, or -1. */
int catalog_find_leaf(const Relation *relation, CatalogOid oid);
/* Index of the column, or -1. */
int catalog_find_column(const Relation *relation, const char *name);
int catalog_find_attnum(const Relation *relation, int attnum);
/* Is the column one of the n? */
bool catalog_has_column(const int *columns, int n, int column);

/*
 * The first leaf and the number of leaves that a partition (0: the whole relation)
 * stands for.
 */
void catalog_get_leaf_range(const Catalog *catalog, const Relation *relation,
                            CatalogOid partition, int *first, int *n);

/* Can pg_dump lock the table and its partitions, for which it needs SELECT? */
bool catalog_is_dumpable(const Catalog *catalog, int relation);

void catalog_free(Catalog *catalog);

#endif
