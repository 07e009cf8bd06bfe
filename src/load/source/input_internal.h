/*
 * What input.c and the readers of the formats share. input.c opens the file, and stops at
 * the limits of input_read(); a reader finds tables and records, and adds them by the
 * projection.
 */
#ifndef LOAD_SOURCE_INPUT_INTERNAL_H
#define LOAD_SOURCE_INPUT_INTERNAL_H

#include "load/source/bytes.h"
#include "load/source/input.h"
#include "load/source/projection.h"

typedef struct InputReader
{
    void *(*open)(Input *input);
    InputStatus (*next_table)(Input *input, InputTable *table, Diag *diag);
    /* Adds records, at least one unless it sets is_table_at_end. */
    bool (*fill)(Input *input, Diag *diag);
    void (*close)(void *state);
} InputReader;

extern const InputReader csv_reader;
extern const InputReader copy_reader;
extern const InputReader dump_reader;
extern const InputReader json_reader;

struct Input
{
    InputSpec spec;
    InputFormat format;
    Bytes *bytes;
    const InputReader *reader;
    void *state; /* the reader's */
    Projection projection;
    const JsonMembers *members; /* in its place; NULL: none */
    bool has_projection;        /* otherwise records are just skipped */
    bool is_unreadable;
    bool is_table_at_end;
    uint64_t record; /* number of the table's last one */
    uint64_t base;   /* of input_project() */
    uint64_t n_records;

    /* Where records go; those beyond the limits go to pending: a reader of CSV cannot
       stop within a chunk. */
    Lines *lines;
    size_t max_rows;
    size_t max_bytes;
    Lines pending;

    char *client_encoding; /* of a dump */
    char *origin;          /* in the header of a dump of pg-sample */
    char *mark;            /* the same, of a masked one */
    char **sequence_names;
    InputSequence *sequences;
    size_t n_sequences;
    size_t sequence_capacity;
};

/* Has a limit of input_read() been reached? */
bool input_is_full(const Input *input);

/* What tells the last record from all others, of other sources too. */
uint64_t input_get_number(const Input *input);

/* Where the next record goes. */
Lines *input_get_target(Input *input);

/* bytes_read() that notes when the file cannot be read. */
bool input_read_bytes(Input *input, char *to, size_t room, size_t *n_read, Diag *diag)
    __attribute__((warn_unused_result));

/* Sets the message to "FILE, line N: problem", and is false. */
bool input_fail(const Input *input, size_t line, Diag *diag, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#endif
