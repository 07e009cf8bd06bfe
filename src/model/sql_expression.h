/*
 * Finds where an SQL expression ends that is part of an option's text, such as the
 * condition of --limit: at a comma or parenthesis that is not within a string, a quoted
 * name or a comment. Whether it is a valid expression is for the server to say. The whole
 * text is in memory; base/sqlscript.h goes through scripts, line by line and in any size.
 *
 * Pure: no server, no output.
 */
#ifndef MODEL_SQL_EXPRESSION_H
#define MODEL_SQL_EXPRESSION_H

/*
 * Moves over what text begins with: a string of any kind, a quoted name, a comment, a
 * word, or else one character. Returns what follows, or NULL if it does not end.
 */
const char *sql_expression_skip_piece(const char *text);

/*
 * Where the expression at text ends: at a comma, or at a closing parenthesis or bracket
 * that it does not open, or at the end of the text. NULL if a piece does not end.
 */
const char *sql_expression_find_end(const char *text);

/*
 * What is not closed in the expression, or is closed without having been opened: a
 * problem for a message, or NULL. Sets *place to where that is in text.
 */
const char *sql_expression_find_problem(const char *text, const char **place);

#endif
