/*
 * Makes a line for the staging table of a record: its fields in the order of the table's
 * columns, then the number of the record. For example, with fields {2, -1, 0} and the
 * constant "7", record 5 "a,b,c" becomes "c\t7\ta\t5".
 *
 * A line of COPY text whose fields are in the table's order already is copied as a whole,
 * which is the usual case of a dump.
 */
#ifndef LOAD_SOURCE_PROJECTION_H
#define LOAD_SOURCE_PROJECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/copyencoding.h"
#include "base/copytext.h"
#include "base/csvreader.h"
#include "load/source/lines.h"

typedef struct Projection
{
    size_t n_record_fields;
    int *fields;      /* indexes into the record, or -1 */
    char **constants; /* where fields is -1 */
    size_t n_fields;
    bool is_whole;      /* all fields, in their order */
    CopyField *scratch; /* of the current record */
} Projection;

void projection_set(Projection *projection, size_t n_record_fields, const int *fields,
                    const char *const *constants, size_t n_fields);
void projection_free(Projection *projection);

/* Both add a line, or a reject if the number of fields is wrong. */
void projection_add_csv(const Projection *projection, const CsvRecord *csv,
                        const CopyEncoding *encoding, uint64_t record, Lines *lines);
void projection_add_copy(const Projection *projection, const char *text, size_t length,
                         uint64_t record, Lines *lines);

#endif
