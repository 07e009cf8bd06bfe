/*
 * Reading a result row by row and value by value, in the order of the query's select
 * list.
 */
#ifndef DB_ROW_H
#define DB_ROW_H

#include <stdbool.h>
#include <stdint.h>

#include <libpq-fe.h>

typedef struct RowReader
{
    const PGresult *result; /* the caller's */
    int row;                /* -1 before the first row */
    int column;             /* the next value's */
} RowReader;

RowReader row_reader(const PGresult *result);

/* Moves to the next row; false after the last one. */
bool row_next(RowReader *reader);

/* The next value. NULL reads as NULL, 0 or false. Texts belong to the result. */
const char *row_text(RowReader *reader);
bool row_bool(RowReader *reader);
int row_int(RowReader *reader);
int64_t row_int64(RowReader *reader);
uint32_t row_oid(RowReader *reader);
double row_double(RowReader *reader);

#endif
