/*
 * Rows on their way to the server, as lines of COPY text, and records that are no rows.
 * Both have the numbers of their records, so that their order is known although they are
 * in two lists. The number tells the source, too: lines of several sources follow each
 * other.
 *
 * Pure: no server, no output.
 */
#ifndef LOAD_SOURCE_LINES_H
#define LOAD_SOURCE_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/strbuf.h"

/* A record that is no row. */
typedef struct RejectedRecord
{
    uint64_t record;
    uint64_t line; /* of the source, where it begins; 0: not known */
    char *raw;     /* its text, as a line of COPY text as far as possible */
    char *reason;  /* "it has 3 fields, but there are 4 columns" */
} RejectedRecord;

/* Lines of COPY text, each with its newline. */
typedef struct Lines
{
    PQExpBufferData text;
    size_t *ends;           /* where each line ends in text */
    uint64_t *records;      /* as input_get_number() has it */
    uint64_t *source_lines; /* where each record begins in its source; 0: not known */
    uint64_t source_line;   /* the same of the record that is added next */
    PQExpBufferData
        raw;          /* records as they were read, of lines that are other texts ... */
    size_t *raw_ends; /* ... and where that of each line ends */
    size_t n_lines;
    size_t capacity;
    RejectedRecord *rejects;
    size_t n_rejects;
    size_t reject_capacity;
    size_t reject_bytes;  /* of their texts */
    size_t n_lines_moved; /* to others, by lines_move() */
    size_t n_rejects_moved;
} Lines;

void lines_init(Lines *lines);
/* Forgets lines and rejects, but keeps the memory for the next ones. */
void lines_reset(Lines *lines);
void lines_free(Lines *lines);

/* What was appended to the text since the last line becomes a line; its source_line is
 * used up. */
void lines_end_line(Lines *lines, uint64_t record);

/*
 * Keeps the record that the next line is made of, to be shown if it is rejected. A line
 * of CSV or COPY shows it itself.
 */
void lines_keep_raw(Lines *lines, const char *text, size_t length);
/* The record that was kept, or NULL. */
const char *lines_get_raw(const Lines *lines, size_t line, size_t *length);

/* The lines own raw and reason from then on; the source_line is used up. */
void lines_add_reject(Lines *lines, uint64_t record, char *raw, char *reason);

/* Bytes of lines, rejects, and records that were kept. */
size_t lines_count_bytes(const Lines *lines);
bool lines_are_full(const Lines *lines, size_t max_rows, size_t max_bytes);

/*
 * Moves lines and rejects, in the order of their records, until the others are full.
 * After the last one from is reset.
 */
void lines_move(Lines *from, Lines *to, size_t max_rows, size_t max_bytes);

#endif
