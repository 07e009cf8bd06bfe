/*
 * How a row of a relation is fetched: one line of COPY text,
 *
 *     [tableoid] ctid  extras...  the columns of the dump...
 *
 * The columns of the dump come last and go into the dump as they are. Extras are what
 * closing the sample needs besides: generated columns that are part of a key, and
 * locators. A locator is the place of the row that an edge refers to, as the server found
 * it with the constraint's own operators; it is needed where equal keys may differ in
 * their text (numeric, citext, char(n), nondeterministic collations ...).
 *
 * Pure: no server, no output.
 */
#ifndef MODEL_LAYOUT_H
#define MODEL_LAYOUT_H

#include "model/graph.h"

typedef struct RowLayout
{
    const Relation *relation;
    int position;          /* of the relation in the catalog */
    bool has_tableoid;     /* it is partitioned */
    int n_prefix;          /* fields before the columns of the dump */
    int n_fields;          /* how many leading fields closing the sample looks at */
    int *field_of_column;  /* by column, or -1: not fetched */
    int *field_of_key;     /* by place in graph->outgoing: the locator's, or -1 */
    int *field_of_ignored; /* the same by place in graph->ignored_of */
    int *output;           /* columns of the dump */
    int n_output;
    const char *begin;       /* what is done with the rows of a query: "COPY (" ... */
    const char *end;         /* ... ") TO STDOUT" */
    const char *select_list; /* SQL; the relation is called t */
    const char *joins;       /* SQL that finds the locators of t, or "" */
    const char *column_list; /* "(a, b)" of the dump's columns, or "" */
} RowLayout;

/* One for each relation, in the catalog's arena. */
const RowLayout *layout_build(const FkGraph *graph);

#endif
