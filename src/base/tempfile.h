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

/* The same in memory, for a short text, the reason even when a disk is full. */
int tempfile_open_in_memory(void);

/* How messages call such a file. */
extern const char tempfile_name[];

/* Writes all of it, or dies with EXIT_OUTPUT naming what (as in "temporary file"). */
void tempfile_write_all(int fd, const char *what, const void *data, size_t size);

/*
 * Dies if the file cannot grow: then what a child process wrote may have been cut off,
 * which not every program reports when it closes its output.
 */
void tempfile_check_room(int fd);

/* Reads exactly size bytes at the offset, or dies with EXIT_OUTPUT. */
void tempfile_read_at(int fd, void *data, size_t size, off_t offset);

/* The whole file as a zero-terminated string (owned by the caller). */
char *tempfile_read_all(int fd, size_t *size);

#endif
