/*
 * Goes through the rules of one argument, and reports what is wrong with one: what all
 * options share whose rules are "PATTERN = something".
 *
 *     RuleReader reader = {.arena = arena, .diag = diag, .what = "limit rule",
 *                          .next = argument};
 *
 *     while (reader.next != NULL)
 *     {
 *         if (!rule_reader_next(&reader))
 *             return false;
 *         ... reader.text ...
 *     }
 *
 * An argument that is one rule as a whole is read with text set and next NULL.
 *
 * An argument is a line of CSV, but a rule is mostly written without CSV's quotes, and
 * contains SQL with commas of its own: "orders = 10, items = status IN ('a', 'b')". So a
 * comma ends a rule only outside of parentheses, strings, quoted names and comments of
 * SQL (sql_expression.h); a rule that begins with a double quote, and whose field ends
 * with one, is read as CSV.
 *
 * Pure: no server, no output.
 */
#ifndef MODEL_RULE_READER_H
#define MODEL_RULE_READER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "model/pattern.h"

typedef struct RuleReader
{
    Arena *arena;
    Diag *diag;
    const char *what; /* the kind of the rules, for messages */
    const char *next; /* text of the rules still to be read, or NULL */
    const char *text; /* of the current rule, blanks around it removed */
    int position;     /* of the current rule, from 1; 0: it is not in a list */
} RuleReader;

/*
 * Takes the next rule of the argument and makes it the current one. Commas separate
 * rules, except within parentheses, brackets, strings of any kind, quoted names and
 * comments; a rule may also be quoted as a field of CSV. False with diag when such a
 * quote is not closed, or when a comment takes rules away.
 */
bool rule_reader_next(RuleReader *reader) __attribute__((warn_unused_result));

/*
 * Reads the pattern of the current rule: length bytes at text, what is left of the = or
 * another sign. False with diag when it is malformed.
 */
bool rule_reader_pattern(const RuleReader *reader, Pattern *pattern, const char *text,
                         size_t length) __attribute__((warn_unused_result));

/*
 * Fills in the diag: "WHAT POSITION (TEXT): problem", and the hint unless it is NULL.
 * Returns false, so that callers can return it.
 */
bool rule_reader_reject(const RuleReader *reader, const char *problem, const char *hint);

/* The same when there is nothing between two commas. */
bool rule_reader_reject_empty(const RuleReader *reader);

/*
 * Is everything closed in this SQL of the current rule, and nothing closed that was not
 * opened? False with diag that shows the place.
 */
bool rule_reader_check_sql(const RuleReader *reader, const char *sql)
    __attribute__((warn_unused_result));

/* How a rule is quoted in a list, as a hint. */
extern const char rule_reader_csv_hint[];

/* ---- rule_text.c */

/* A copy of the length bytes at text, without the blanks at both ends. */
char *rule_text_copy(Arena *arena, const char *text, size_t length);

/* How many bytes of text a message shows; *dots is what to write after them. */
size_t rule_text_cut(const char *text, const char **dots);

/*
 * Moves over a number, with a sign or a fraction or not, and the percent sign after it;
 * or over a *. Returns what follows, or NULL if text begins with something else.
 */
const char *rule_text_skip_rows(const char *text);

/*
 * Reads the SQL name that text begins with: in double quotes, or else folded to lower
 * case. Returns what follows it and sets *name to the raw name, or returns NULL if there
 * is no name, an empty one, or a quote that is not closed.
 */
const char *rule_text_read_name(Arena *arena, const char *text, const char **name);

#endif
