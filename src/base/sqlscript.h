/*
 * Takes a script apart into statements, comments and psql's commands, line by line, so
 * that nothing within a string, a function's body or a comment is taken for a statement.
 *
 * Pure: no server, no output.
 */
#ifndef BASE_SQLSCRIPT_H
#define BASE_SQLSCRIPT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/strbuf.h"

typedef enum SqlState
{
    SQL_PLAIN,
    SQL_STRING,
    SQL_NAME,
    SQL_DOLLAR,
    SQL_BLOCK_COMMENT,
    SQL_LINE_COMMENT,
    SQL_COMMAND
} SqlState;

typedef enum SqlEvent
{
    SQL_MORE,        /* the line has been read */
    SQL_STATEMENT,   /* it is in text, without comments and the semicolon */
    SQL_COMMENT,     /* one up to the end of its line, not within a statement */
    SQL_PSQL_COMMAND /* a backslash and what follows */
} SqlEvent;

typedef struct SqlScanner
{
    PQExpBufferData text; /* of the event; the first megabyte */
    bool has_backslashes; /* in all strings: standard_conforming_strings is off */

    /* Its own. */
    SqlState state;
    bool is_escaped; /* a string in which backslashes count */
    bool has_event;
    bool is_in_statement;
    bool is_routine; /* CREATE FUNCTION or PROCEDURE: BEGIN and END count */
    int n_words;     /* of the statement */
    int n_parentheses;
    int n_begins;
    int n_comments; /* nested ones */
    PQExpBufferData word;
    PQExpBufferData tag; /* with both dollars */
} SqlScanner;

void sqlscan_init(SqlScanner *scanner);
void sqlscan_free(SqlScanner *scanner);

/* Reads on in a line that ends with its line feed, up to the next event. */
SqlEvent sqlscan_next(SqlScanner *scanner, const char **next, const char *end);

/* Is it between statements? */
bool sqlscan_is_between(const SqlScanner *scanner);

#endif
