/*
 * Small steps over text with SQL's names and strings in it: what rules, lists of tables
 * and the statements of dumps have in common. Folding and classes of characters are those
 * of the server's scanner: ASCII alone, and any byte from 0x80 on may be in a name.
 *
 * Pure: no server, no output.
 */
#ifndef BASE_SQLTEXT_H
#define BASE_SQLTEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/strbuf.h"

bool sqltext_is_blank(char c);
bool sqltext_is_digit(char c);
/* Could c be in an SQL name that is not quoted? is_first: at its beginning? */
bool sqltext_is_name(char c, bool is_first);
/* An ASCII letter as a small one; anything else as it is. */
char sqltext_fold(char c);

const char *sqltext_skip_blanks(const char *text);

/*
 * The first of the wanted characters outside of double quotes, or NULL. Sets whether a
 * quote is still open at the end, unless is_quote_open is NULL.
 */
const char *sqltext_find(const char *text, const char *wanted, bool *is_quote_open);

/*
 * Moves over a string or a quoted name, from its opening quote; a doubled quote within
 * stands for itself, and so does any character behind a backslash if there are escapes.
 * NULL if it does not end.
 */
const char *sqltext_skip_quoted(const char *text, bool has_escapes);
/* The same, without escapes; writes what is between the quotes to out, and its end. */
const char *sqltext_read_quoted(const char *text, char *out);

/* The length of the $tag$ that text begins with, up to end; 0: it begins with none. */
size_t sqltext_measure_tag(const char *text, const char *end);

/* Appends length bytes of a name in double quotes. */
void sqltext_append_quoted(PQExpBuffer out, const char *name, size_t length);

#endif
