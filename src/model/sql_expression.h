/*
 * Goes through a user's SQL expression piece by piece, to find commas and parentheses
 * that are not within strings, quoted names or comments. It judges nothing else.
 *
 * Pure: no server, no output.
 */
#ifndef MODEL_SQL_EXPRESSION_H
#define MODEL_SQL_EXPRESSION_H

/*
 * Moves over what text begins with: a string of any kind, a quoted name, a comment, a
 * word, or else one character. Returns what follows, or NULL if it does not end.
 */
const char *sql_scan_piece(const char *text);

/*
 * Where the expression at text ends: at a comma, or at a closing parenthesis or bracket
 * that it does not open, or at the end of the text. NULL if a piece does not end.
 */
const char *sql_scan_expression(const char *text);

/*
 * What is not closed in the expression, or is closed but was not opened: a problem for a
 * message, or NULL. Sets *place to where that is in text.
 */
const char *sql_scan_find_problem(const char *text, const char **place);

#endif
