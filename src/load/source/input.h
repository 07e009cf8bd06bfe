/*
 * Reads a source: CSV, the text format of COPY, the COPY blocks of a dump of pg-sample or
 * pg_dump, or JSON; plain or compressed by gzip or zstd; a file, standard input or a
 * URL. For each format, rows are returned as lines of COPY text, one for each record,
 * ready to be sent.
 *
 *     bytes        uncompressed bytes
 *     format       which of the formats
 *     input_csv    base/csvreader       records of fields
 *     input_copy   linereader           lines that are checked, and passed on
 *     input_dump   linereader, sqlscript, dumptext   statements; COPY blocks as lines
 *     input_json   json_split json_record   records of members
 *     json_line    the members of a record, by their names (json_members)
 *     projection   the fields of a record in the order of the staging table
 *     lines        rows and rejected records, in the order of the input
 *
 * The loader converts CSV to COPY text instead of sending CSV to the server, so that each
 * record has a number (rejects name it), fields can be left out and constants added, and
 * one bad record does not hide the boundaries of the next.
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
 * Values keep their exact text. A record with too many or too few fields is returned as a
 * reject, and reading continues. An error after which record boundaries are not certain
 * (an unterminated quote, a NUL byte, a truncated dump) ends the reading.
 *
 * A record of JSON lacks members that others have: its line says which it has, in a field
 * before its number.
 *
 * An empty line of CSV is no record, except where there is a single column: COPY writes
 * NULL as such a line. A byte order mark of UTF-8 at the beginning of CSV, COPY text
 * and JSON is skipped. Memory is that of the longest record and of the lines asked for.
 */
#ifndef LOAD_SOURCE_INPUT_H
#define LOAD_SOURCE_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/copyencoding.h"
#include "base/diag.h"
#include "load/source/bytes.h"
#include "load/source/json_members.h"
#include "load/source/lines.h"

typedef enum InputFormat
{
    INPUT_AUTO, /* by the name of the file, or by what it begins with */
    INPUT_CSV,
    INPUT_COPY,
    INPUT_DUMP,
    INPUT_JSON, /* values after each other, or in an array */
    INPUT_JSONL /* a value a line */
} InputFormat;

typedef struct InputSpec
{
    const char *path;   /* "-": standard input; or a URL */
    BytesObject object; /* of the URL, if it was listed */
    InputFormat format;
    char delimiter;        /* of CSV; 0: comma */
    char quote;            /* of CSV; 0: double quote */
    const char *null_text; /* unquoted text that is NULL; NULL: the empty one. For COPY
                              text always \N */
    bool has_no_header;    /* CSV; COPY text has none unless has_copy_header */
    bool has_copy_header;
    CopyEncoding encoding; /* of CSV and COPY text; a dump names its own */
    size_t most_bytes;     /* of one read; 0: no limit */
    bool is_hashed;        /* input_finish_hash() will ask */
} InputSpec;

/* A table of the input; texts last until the next one is asked for. */
typedef struct InputTable
{
    const char *name;           /* of a dump: schema.table, quoted; otherwise NULL */
    const char *const *columns; /* raw names (unquoted), or NULL: there are none; those
                                   of a file can be empty, or occur twice */
    size_t n_columns;
    bool has_members; /* of JSON: each record has its own names */
    /*
     * Rows of a dump that complete earlier ones of the table, for foreign keys in a
     * cycle: first the columns of a key, then those of a foreign key, which are NULL in
     * the rows of the table.
     */
    bool is_postponed;
    const char *origin; /* Catalog.identity of the database of a sample, or NULL; lasts
                           as long as the input */
    const char *mark;   /* how rows are masked: "key 01ef, lists 1"; or INPUT_UNMASKED;
                           NULL: the input does not say. Lasts as long as the input */
} InputTable;

#define INPUT_UNMASKED "unmasked"

typedef enum InputStatus
{
    INPUT_TABLE, /* there is another table */
    INPUT_ROWS,  /* there are lines or rejects */
    INPUT_END,
    INPUT_ERROR /* with file, line and problem in the diag */
} InputStatus;

typedef struct Input Input;

/* NULL with diag if it cannot be opened or read, or its format is not known. The texts of
   the spec must outlive it. */
Input *input_open(const InputSpec *spec, Diag *diag) __attribute__((warn_unused_result));

/* Never INPUT_AUTO. */
InputFormat input_get_format(const Input *input);

/* All but dumps have one table. The rest of the current table is skipped. */
InputStatus input_next_table(Input *input, InputTable *table, Diag *diag)
    __attribute__((warn_unused_result));

/*
 * Sets the fields of a line: for each column of the staging table the index of a field,
 * or -1 for constants[i] (a field of COPY text). A record must have n_record_fields
 * fields. The number of the record plus base is that of the line, and becomes its last
 * field. Arrays are copied.
 */
void input_project(Input *input, size_t n_record_fields, const int *fields,
                   const char *const *constants, size_t n_fields, uint64_t base);

/*
 * The same for a table whose records have members: the lines have a field for each column
 * of these, then which columns the record has, then its number plus base. The members
 * must outlive the input.
 */
void input_project_members(Input *input, const JsonMembers *members, uint64_t base);

/* How many records of a dump were read or skipped, of all tables. */
uint64_t input_count_records(const Input *input);
/* The first record of the current table gets the next number after this one. */
void input_number_after(Input *input, uint64_t record);

/*
 * Adds lines until there are max_rows rows or max_bytes bytes, rejects included; lines
 * are whole. INPUT_END: the table has ended, and nothing was added.
 */
InputStatus input_read(Input *input, Lines *lines, size_t max_rows, size_t max_bytes,
                       Diag *diag) __attribute__((warn_unused_result));

/* A setval() call of a dump. The list is complete after the last table. */
typedef struct InputSequence
{
    const char *name; /* schema.sequence, quoted */
    int64_t value;
    bool is_called;
} InputSequence;
const InputSequence *input_get_sequences(const Input *input, size_t *n);

/* The dump's client encoding, or NULL. */
const char *input_get_encoding(const Input *input);

/* Bytes of the file that were read, before decompression. */
uint64_t input_count_bytes(const Input *input);

/* Reads on to the end of the file, whose rows are not read any more. */
bool input_finish_hash(Input *input, BytesHash *hash, Diag *diag)
    __attribute__((warn_unused_result));

/*
 * After INPUT_ERROR: could the file not be read or decompressed? Otherwise its contents
 * are in error.
 */
bool input_is_unreadable(const Input *input);

/* NULL is accepted. */
void input_close(Input *input);

#endif
