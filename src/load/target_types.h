/*
 * What the loader reads of the definition of a table, in addition to the Relation of the
 * catalog: unique keys, defaults, constraints, triggers, rules, privileges, and the
 * foreign keys that refer to it.
 *
 * Everything lives in the catalog's arena. Pure: only types.
 */
#ifndef LOAD_TARGET_TYPES_H
#define LOAD_TARGET_TYPES_H

#include "model/catalog.h"

#include "base/arena.h"

/* One part of a unique key. */
typedef struct KeyPart
{
    int column;             /* index into the relation's columns, or -1: an expression */
    const char *expression; /* SQL over the table's bare columns; a column's operand */
    const char *operator;   /* the index's equality, as "OPERATOR(pg_catalog.=)" */
    const char *collation;  /* " COLLATE x.y" where it is not the column's, else "" */
} KeyPart;

/* A unique index, or the columns of --natural-key. */
typedef struct TargetKey
{
    const char *name;  /* of the index; NULL: a natural key without one */
    const char *qname; /* with its schema */
    KeyPart *parts;
    int n_parts;
    const char *predicate; /* of a partial index, or NULL */
    int *used_columns;     /* all columns that parts and predicate use */
    int n_used_columns;
    bool is_primary;
    bool is_deferrable;
    bool is_null_equal; /* NULLS NOT DISTINCT */
    bool is_period; /* WITHOUT OVERLAPS: of the last part, values that overlap conflict */
} TargetKey;

typedef struct TargetCheck
{
    const char *name;
    const char *expression; /* SQL over the table's bare columns */
    int *columns;           /* that it uses */
    int n_columns;
    bool has_whole_row;
} TargetCheck;

/* A foreign key of any table to this one. */
typedef struct TargetReference
{
    const ForeignKey *foreign_key;
    char on_delete; /* as pg_constraint.confdeltype: a r c n d */
    bool is_deferrable;
} TargetReference;

typedef struct TargetColumn
{
    const char *default_expression; /* or NULL */
    bool has_default;               /* default, identity or generated */
    bool is_identity;
    CatalogOid element;      /* type of an array's elements, below all domains; 0: none */
    char delimiter;          /* between elements */
    const char *domain_base; /* the type below a domain, as in SQL; NULL: it is none */
    bool is_time_or_number;  /* date, time or number: values have an order in time */
} TargetColumn;

typedef struct Target
{
    Arena *arena; /* the catalog's */
    const Relation *relation;
    int relation_index;    /* in the catalog */
    char kind;             /* pg_class.relkind: r or p */
    TargetColumn *columns; /* as the relation's */
    TargetKey *keys;       /* valid unique indexes: the primary key first, then by name */
    int n_keys;
    TargetCheck *checks;
    int n_checks;
    TargetReference *references; /* from others and from itself */
    int n_references;
    int *partition_columns; /* of the partition key at any level; for kind p */
    int n_partition_columns;
    bool has_insert_trigger; /* BEFORE ... FOR EACH ROW, enabled */
    bool has_update_trigger;
    bool has_delete_trigger;
    const char *insert_rule; /* name of an INSTEAD rule, or NULL */
    const char *update_rule;
    const char *delete_rule;
    bool has_row_security;         /* that applies to the session's role */
    const char *missing_privilege; /* "INSERT, DELETE": those of USAGE, SELECT, INSERT,
                                      UPDATE and DELETE that the role lacks; or NULL */
    bool may_select;               /* on the whole table, not only on columns; so ... */
    bool may_insert;
    bool may_update;
    bool may_truncate;
    bool may_lock;         /* in a mode that blocks writers, too */
    const char *also_rule; /* name of an ALSO rule, or NULL */
    double n_tuples;       /* estimate; -1: never analyzed */
    int64_t n_bytes;       /* on disk, indexes left out */
} Target;

/* Operators of the default btree order of a column's type, or NULL where it has none. */
typedef struct ColumnOrder
{
    const char *less; /* "OPERATOR(pg_catalog.<)" */
    const char *less_or_equal;
    const char *greater;
    const char *greater_or_equal;
    const char *equal;
} ColumnOrder;

#endif
