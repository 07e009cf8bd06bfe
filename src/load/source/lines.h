/* Fills Lines, and moves them on. */
#ifndef LOAD_SOURCE_LINES_H
#define LOAD_SOURCE_LINES_H

#include <stdbool.h>
#include <stdint.h>

#include "load/source/input.h"

/* What was appended to the text since the last line is one. */
void lines_end(Lines *lines, uint64_t record);

/* Takes raw and reason over. */
void lines_reject(Lines *lines, uint64_t record, char *raw, char *reason);

bool lines_are_full(const Lines *lines, size_t max_rows, size_t max_bytes);

/*
 * Moves lines and rejects that came first until the others are full. *n_lines and
 * *n_rejects are how many of from were moved before; when all were, from is reset and
 * they are 0.
 */
void lines_move(Lines *from, size_t *n_lines, size_t *n_rejects, Lines *to,
                size_t max_rows, size_t max_bytes);

#endif
