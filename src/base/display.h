/*
 * Text for terminals and logs. Names, values and messages of the server can contain
 * characters that a terminal obeys (ESC, BEL, CR, C1 controls), or a newline behind which
 * they look like a message of this program. They are written as psql writes them:
 *
 *     ESC -> \x1B    CR -> \r    newline -> \n    U+009B -> \u009B
 *
 * The bytes are read as characters of the locale, or as UTF-8 in the locale C. One that
 * is no character is escaped from 0x80 to 0x9F, where a terminal may read a C1 control.
 * Everything that goes to standard output or standard error passes through here
 * (scripts/lint display), so that no caller has to know where a text comes from.
 */
#ifndef BASE_DISPLAY_H
#define BASE_DISPLAY_H

#include <stdio.h>

/*
 * The text without control characters but tabs, owned by the caller; what is no UTF-8 and
 * no control character stays as it is. Newlines become \n; or, given an indentation, they
 * stay, with the indentation behind them.
 */
char *display_escape(const char *text, const char *indentation);

/*
 * printf() whose %s are escaped: newlines are those of the format. It knows d, i, u, f,
 * c, s and %, with flags, width, precision and the lengths l, ll, j and z.
 */
void display(FILE *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

/*
 * What another program wrote for its user, line by line; lines that do not begin with its
 * name are indented, so that they cannot be taken for messages of this one.
 */
void display_foreign(FILE *out, const char *program, const char *text, size_t length);

/* Writes a string of JSON in its quotes, in ASCII where it is no valid UTF-8. */
void display_json_string(FILE *out, const char *text);

/*
 * In JSON text, replaces characters that JSON lets pass and terminals obey (DEL, C1) by
 * \u escapes; owned by the caller.
 */
char *display_escape_json(const char *json);

#endif
