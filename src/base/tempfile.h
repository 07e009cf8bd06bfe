/*
 * Temporary files that have no name, so that nothing is left behind however the program
 * ends. They live in TMPDIR, or /tmp.
 */
#ifndef BASE_TEMPFILE_H
#define BASE_TEMPFILE_H

#include <stddef.h>
#include <sys/types.h>

/* Opens an unnamed file for reading and writing; dies with EXIT_OUTPUT. */
int tempfile_open(void);

/* Writes all of it, or dies with EXIT_OUTPUT naming what (as in "temporary file"). */
void file_write_all(int fd, const char *what, const void *data, size_t size);

/* Reads exactly size bytes at the offset, or dies with EXIT_OUTPUT. */
void tempfile_read_at(int fd, void *data, size_t size, off_t offset);

/* The whole file as a zero-terminated string (owned by the caller). */
char *tempfile_read_all(int fd, size_t *size);

#endif
