/*
 * Takes a script apart into statements, comments and psql's commands, line by line, so
 * that nothing within a string, a function's body or a comment is taken for a statement.
 *
 *     CREATE TABLE a (b text); -- of b        SQLSCRIPT_STATEMENT, SQLSCRIPT_COMMENT
 *     \restrict key                           SQLSCRIPT_PSQL_COMMAND
 *
 * It is a state machine, since a dump can be larger than memory and a string or comment
 * can go on over any number of lines: what is kept between two lines is the state and the
 * statement so far. A semicolon ends a statement outside of parentheses (rules have some
 * inside) and of a body in SQL, whose BEGIN ATOMIC ... END and CASE ... END are counted.
 *
 * Pure: no server, no output.
 */
#ifndef BASE_SQLSCRIPT_H
#define BASE_SQLSCRIPT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/strbuf.h"

typedef enum SqlScriptState
{
    SQLSCRIPT_PLAIN,
    SQLSCRIPT_STRING,
    SQLSCRIPT_NAME,
    SQLSCRIPT_DOLLAR,
    SQLSCRIPT_BLOCK_COMMENT,
    SQLSCRIPT_LINE_COMMENT,
    SQLSCRIPT_COMMAND
} SqlScriptState;

typedef enum SqlScriptEvent
{
    SQLSCRIPT_MORE,        /* the line has been read */
    SQLSCRIPT_STATEMENT,   /* it is in text, without comments and the semicolon */
    SQLSCRIPT_COMMENT,     /* one up to the end of its line, not within a statement */
    SQLSCRIPT_PSQL_COMMAND /* a backslash and what follows */
} SqlScriptEvent;

typedef struct SqlScript
{
    PQExpBufferData text; /* of the event; the first megabyte */
    bool has_backslashes; /* in all strings: standard_conforming_strings is off */

    /* Its own. */
    SqlScriptState state;
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
} SqlScript;

void sqlscript_init(SqlScript *script);
void sqlscript_free(SqlScript *script);

/* Reads on in a line that ends with its line feed, up to the next event. */
SqlScriptEvent sqlscript_next(SqlScript *script, const char **next, const char *end);

/* Is it between statements? */
bool sqlscript_is_between(const SqlScript *script);

#endif
