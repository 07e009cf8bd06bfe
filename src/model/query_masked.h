/*
 * SQL over values that are sent along: what masks ask the server. The values of each
 * column go as one array of texts, about a thousand rows in a statement:
 *
 *     ROWS FROM (unnest('{...}'::text[]), ...) WITH ORDINALITY AS v (c0, c1, ..., n)
 *
 * A constraint sees them as columns of their types in a subquery that has the table's
 * name. The types are those below domains, without a length, since a cast to varchar(3)
 * cuts: what is longer is found here, before the server sees it.
 *
 * Pure: no server, no output. Text is appended to a buffer of the caller's.
 */
#ifndef MODEL_QUERY_MASKED_H
#define MODEL_QUERY_MASKED_H

#include "base/copytext.h"
#include "mask/mask.h"
#include "model/layout.h"

/* Rows as fields of COPY's text format. */
typedef struct QueryRows
{
    const RowLayout *layout;
    const CopyField *fields; /* row by row */
    int n_fields;            /* of each */
    const size_t *rows;      /* which of them */
    size_t n_rows;
    const CopyEncoding *encoding;
} QueryRows;

/* An expression over a table, as the server writes it. */
typedef struct QueryExpression
{
    const char *alias; /* what it calls the table, quoted */
    const char *sql;
} QueryExpression;

/* A generated column, to be computed where expressions may use it. */
typedef struct QueryGenerated
{
    int column;
    const char *sql; /* its expression */
} QueryGenerated;

typedef struct QueryGeneratedList
{
    const QueryGenerated *items;
    int n_items;
} QueryGeneratedList;

/* SELECT of lower() of each value, in their order. */
void query_masked_lower(PQExpBuffer sql, MaskValue *const *values, size_t n,
                        const CopyEncoding *encoding);

/*
 * SELECT of the positions (from 1) of rows for which one of the conditions is false, and
 * for each condition whether it is one of them.
 */
void query_masked_check(PQExpBuffer sql, const QueryRows *rows,
                        const QueryExpression *conditions, int n,
                        const QueryGeneratedList *generated);

/* SELECT of one row, for which the columns become values of their domains. */
void query_masked_domains(PQExpBuffer sql, const QueryRows *rows, const int *columns,
                          int n);

/*
 * SELECT for each row, in their order: the text of the expressions, whether none of them
 * is NULL, and whether the predicate holds, which may be NULL. keys has the content of a
 * row constructor.
 */
void query_masked_keys(PQExpBuffer sql, const QueryRows *rows,
                       const QueryExpression *keys, const char *predicate,
                       const QueryGeneratedList *generated);

/* SELECT of the user's expression for each row, as COPY writes it. */
void query_masked_user(PQExpBuffer sql, const QueryRows *rows, const char *expression,
                       const char *type_name);

#endif
