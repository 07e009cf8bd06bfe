/*
 * Reads what is to be loaded: CSV, the text format of COPY, or the COPY blocks of a dump
 * that pg-sample made; plain or compressed by gzip; a file or standard input. Rows come
 * as lines of COPY text, a record each.
 *
 *     Input *input = input_open(&spec, &diag);
 *
 *     while (input_next_table(input, &table, &diag) == INPUT_TABLE)
 *     {
 *         input_project(input, fields, n_fields);
 *         while (input_read(input, lines, max_rows, max_bytes, &diag) == INPUT_ROWS)
 *             ... lines ...
 *     }
 *     input_close(input);
 *
 * Values keep their exact text. A record that cannot be a row (it has too many or too few
 * fields) is handed over as such, and reading goes on; what makes all that follows
 * doubtful (a quote that does not end, a NUL byte, a cut dump) is an error.
 *
 * Empty lines of CSV are no records, except where there is a single column: COPY writes
 * its NULLs so. A byte order mark of UTF-8 in front of CSV and COPY text is skipped.
 */
#ifndef LOAD_SOURCE_INPUT_H
#define LOAD_SOURCE_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/copyencoding.h"
#include "base/diag.h"
#include "load/source/lines.h"

typedef enum InputFormat
{
    INPUT_AUTO, /* by the name of the file, or by what it begins with */
    INPUT_CSV,
    INPUT_COPY,
    INPUT_DUMP
} InputFormat;

typedef struct InputSpec
{
    const char *path; /* "-": standard input */
    InputFormat format;
    char delimiter;        /* of CSV; 0: comma */
    char quote;            /* of CSV; 0: double quote */
    const char *null_text; /* unquoted text that is NULL; NULL: the empty one. For COPY
                              text always \N */
    bool has_no_header;    /* CSV; COPY text has none unless has_copy_header */
    bool has_copy_header;
    CopyEncoding encoding; /* of CSV and COPY text; a dump says it */
    size_t most_bytes;     /* that are read at once; 0: as many as there are */
} InputSpec;

/* A table of the input; texts last until the next one is asked for. */
typedef struct InputTable
{
    const char *name;           /* as a dump writes it, schema.table, quoted; or NULL */
    const char *const *columns; /* raw names (unquoted), or NULL: it does not say; those
                                   of a file may be empty or there twice */
    size_t n_columns;
    /*
     * Rows of a dump that complete earlier ones of the table, for foreign keys in a
     * cycle: the columns are those of a key, then those of a foreign key, in their order.
     * So far the rows of the table have NULL in the latter.
     */
    bool is_postponed;
    const char *origin; /* what a dump of pg-sample says of the database that it is of:
                           see Catalog.identity; or NULL. Lasts as long as the input */
} InputTable;

typedef enum InputStatus
{
    INPUT_TABLE, /* there is another table */
    INPUT_ROWS,  /* there are lines or rejects */
    INPUT_END,
    INPUT_ERROR /* with file, line and problem in the diag */
} InputStatus;

typedef struct Input Input;

/* NULL with diag if it cannot be opened, read or told. The spec and its texts must
   outlive it. */
Input *input_open(const InputSpec *spec, Diag *diag) __attribute__((warn_unused_result));

/* What it is: never INPUT_AUTO. */
InputFormat input_get_format(const Input *input);

/* A CSV or COPY file has one table. What is left of the last table is skipped. */
InputStatus input_next_table(Input *input, InputTable *table, Diag *diag)
    __attribute__((warn_unused_result));

/*
 * Which fields make up a line: for each column of the staging table, in its order, the
 * field's index; -1 puts constants[i] (a finished field of COPY text) there instead. A
 * record must have n_record_fields fields. The number of the record, plus base, is
 * appended as the line's last field. Arrays are copied.
 */
void input_project(Input *input, size_t n_record_fields, const int *fields,
                   const char *const *constants, size_t n_fields, uint64_t base);

/*
 * Records of a dump that were read or skipped so far, whatever table they are of; and
 * the number that the one before the current table's first one has.
 */
uint64_t input_count_records(const Input *input);
void input_number_after(Input *input, uint64_t record);

/*
 * Adds lines until there are max_rows of them or max_bytes of text, rejects counted; a
 * line is never cut. INPUT_END: the table has ended, and nothing was added.
 */
InputStatus input_read(Input *input, Lines *lines, size_t max_rows, size_t max_bytes,
                       Diag *diag) __attribute__((warn_unused_result));

/* What a dump says about sequences: setval() calls, complete only after INPUT_END. */
typedef struct InputSequence
{
    const char *name; /* schema.sequence, quoted */
    int64_t value;
    bool is_called;
} InputSequence;
const InputSequence *input_get_sequences(const Input *input, size_t *n);

/* The dump's client encoding, or NULL. */
const char *input_get_encoding(const Input *input);

/* Bytes of the file that were read (compressed, if it is). */
uint64_t input_count_bytes(const Input *input);

/*
 * Of an INPUT_ERROR: could the file not be read at all, or not be uncompressed? Otherwise
 * it was its contents that are wrong.
 */
bool input_is_unreadable(const Input *input);

/* NULL is accepted. */
void input_close(Input *input);

#endif
