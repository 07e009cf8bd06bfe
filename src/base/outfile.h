/*
 * Opening the files that the user names for output, so that others who can write to the
 * same directory cannot choose where it goes: a link that leads to another file, a file
 * that stays theirs, a FIFO that they read.
 */
#ifndef BASE_OUTFILE_H
#define BASE_OUTFILE_H

#include <stdbool.h>
#include <stdio.h>

#include "base/diag.h"

/*
 * Where the name leads, owned by the caller: links are followed, but not those of other
 * users in directories where everybody may write; then it is NULL, and the diag says why.
 */
char *outfile_follow(const char *path, Diag *diag);

/*
 * Opens a file for writing and reading that will be renamed when it is finished: a new
 * one, empty, of mode 0600, with a lock on it. What an earlier run left is replaced, if
 * it is an ordinary file of our own with one link. Returns -1 with the diag.
 */
int outfile_open_part(const char *path, Diag *diag);

/* Is the path still the open file's? */
bool outfile_is_at(int fd, const char *path);

/*
 * Opens what the name leads to for writing from its beginning, a device or a FIFO, too;
 * an ordinary file is created if it is not there. Nothing is truncated. Where everybody
 * may write, it must be our own. Returns -1 with the diag.
 */
int outfile_open(const char *path, Diag *diag);

/* The same, truncated, as a stream; NULL with the diag. */
FILE *outfile_stream(const char *path, Diag *diag);

#endif
