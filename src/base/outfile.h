/*
 * Opens the files that the user names for output. In a directory where other users can
 * write, such as /tmp, they could have put something under the name before: a symbolic
 * link to a file of this user's, a file that stays theirs, a FIFO that they read.
 *
 * O_EXCL alone does not do: a device, a FIFO or a link of the user's own is a place for
 * output like another. So links are followed here, step by step, each opened without
 * being followed and checked by its descriptor; in public directories only those of this
 * user and of root count. What is opened at the end is checked once more by its
 * descriptor, so that nothing can take its place between the check and the first byte.
 */
#ifndef BASE_OUTFILE_H
#define BASE_OUTFILE_H

#include <stdbool.h>
#include <stdio.h>

#include "base/diag.h"

/*
 * Where the name leads, owned by the caller: links are followed, but not those of other
 * users in directories where everybody may write; then it is NULL, with the diag.
 */
char *outfile_follow(const char *path, Diag *diag);

/*
 * Opens a file for writing and reading that will be renamed when it is finished: a new
 * one, empty, of mode 0600, with a lock on it. What an earlier run left is replaced, if
 * it is an ordinary file of this user with one link. Returns -1 with the diag.
 */
int outfile_open_part(const char *path, Diag *diag);

/*
 * Creates a file of mode 0600 for writing, where nothing may be, not even a link. Returns
 * -1 with the diag.
 */
int outfile_create(const char *path, Diag *diag);

/* Is the path still the open file's? */
bool outfile_is_at(int fd, const char *path);

/*
 * Opens what the name leads to for writing from its beginning, a device or a FIFO, too;
 * an ordinary file is created if it is not there. Nothing is truncated. Where everybody
 * may write, it must belong to this user. Returns -1 with the diag.
 */
int outfile_open(const char *path, Diag *diag);

/* The same, truncated, as a stream; NULL with the diag. */
FILE *outfile_stream(const char *path, Diag *diag);

#endif
