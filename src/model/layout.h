/*
 * How a row of a relation is fetched: one line of COPY text,
 *
 *     [tableoid] ctid  extras...  the columns of the dump...
 *
 * The columns of the dump are last and are copied into the dump as they are. Extras are
 * what closing the sample needs besides: generated columns that are part of a key, and
 * referenced_ids, which are the ids of the rows that a foreign key refers to, found by
 * the server with the operators of the constraint. They are needed where equal keys can
 * differ in their text (numeric, citext, char(n), nondeterministic collations ...).
 * Elsewhere the program compares keys as text, which costs the server nothing.
 *
 * For example, a row of a table with columns (id, price, code) and a foreign key on code,
 * which is of type citext:
 *
 *     (0,1)  16412(3,7)  1  9.90  AbC
 *
 * Pure: no server, no output.
 */
#ifndef MODEL_LAYOUT_H
#define MODEL_LAYOUT_H

#include "model/graph.h"

typedef struct RowLayout
{
    const Relation *relation;
    int position;         /* of the relation in the catalog */
    bool has_tableoid;    /* it is partitioned */
    int n_prefix;         /* fields before the columns of the dump */
    int n_fields;         /* how many leading fields are read to close the sample */
    int *field_of_column; /* by column, or -1: not fetched */
    int *
        field_of_key; /* by place in graph->outgoing: that of its referenced_ids, or -1 */
    int *field_of_ignored; /* the same by place in graph->ignored_of */
    int *output;           /* columns of the dump */
    int n_output;
    const char *begin;       /* what is done with the rows of a query: "COPY (" ... */
    const char *end;         /* ... ") TO STDOUT" */
    const char *select_list; /* SQL; the relation is called t */
    const char *joins;       /* SQL that finds the referenced_ids of t, or "" */
    const char *column_list; /* "(a, b)" of the dump's columns, or "" */
} RowLayout;

/* One for each relation, in the catalog's arena. */
const RowLayout *layout_build(const FkGraph *graph);

#endif
