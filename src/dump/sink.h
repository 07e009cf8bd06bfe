/*
 * Where the dump (or the report) goes. Nothing of it shows before it is complete: a file
 * is written as NAME.part and renamed at the end; for standard output (or a pipe or
 * device as FILE) it is collected in an unnamed temporary file first.
 *
 * The restrict key is the SHA-256 of what sink_write() takes between sink_begin_body()
 * and sink_end_body(), in hexadecimal: stable for the same body, and yet nothing in the
 * body can contain it.
 */
#ifndef DUMP_SINK_H
#define DUMP_SINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct Sink Sink;

/*
 * Opens the destination (NULL: standard output); dies with EXIT_OUTPUT. A .part file that
 * is not finished is removed when the program ends.
 */
Sink *sink_open(const char *path, bool is_synced);

void sink_write(Sink *sink, const void *data, size_t length);
void sink_write_string(Sink *sink, const char *text);
void sink_format(Sink *sink, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Writes "\restrict KEY" and what follows is the body. */
void sink_begin_body(Sink *sink);
/* Ends the body with "\unrestrict KEY". */
void sink_end_body(Sink *sink);

/* Bytes written so far. */
uint64_t sink_get_size(const Sink *sink);

/*
 * Writes what was written to its destinations, whole, and releases the sinks. Files get
 * their names when nothing else can fail any more: all of them, or none.
 */
void sink_finish(Sink *const *sinks, size_t n);

#endif
