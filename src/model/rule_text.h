/*
 * Small steps over the text of rules: names, numbers of rows, and what messages show.
 *
 * Pure: no server, no output.
 */
#ifndef MODEL_RULE_TEXT_H
#define MODEL_RULE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

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
