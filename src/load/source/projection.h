/*
 * Makes lines for the staging table out of records: which fields, in which order, and the
 * record's number behind them.
 */
#ifndef LOAD_SOURCE_PROJECTION_H
#define LOAD_SOURCE_PROJECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/copyencoding.h"
#include "base/copytext.h"
#include "base/csvreader.h"
#include "load/source/input.h"

typedef struct Projection
{
    size_t n_record_fields;
    int *fields;      /* of the record, or -1 */
    char **constants; /* NULL where a field is */
    size_t n_fields;
    uint64_t base;
    bool is_whole;      /* all fields in their order */
    CopyField *scratch; /* the record's fields */
} Projection;

void projection_set(Projection *projection, size_t n_record_fields, const int *fields,
                    const char *const *constants, size_t n_fields, uint64_t base);
void projection_free(Projection *projection);

/* Each adds a line, or a reject if the record has a wrong number of fields. */
void projection_add_csv(const Projection *projection, const CsvRecord *csv,
                        const CopyEncoding *encoding, uint64_t record, Lines *lines);
void projection_add_copy(const Projection *projection, const char *text, size_t length,
                         uint64_t record, Lines *lines);

#endif
