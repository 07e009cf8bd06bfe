/* Keys of root rows from CSV files, whose first line names columns of the table. */
#include "sample/root.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/die.h"
#include "base/mem.h"
#include "base/signals.h"
#include "model/nearest_name.h"

typedef struct RootCsv
{
    RootKeys *keys;
    Session *session;
    const Relation *relation;
    const RootFile *file;
    const char *source;
} RootCsv;

static void
set_unknown_column(const RootCsv *csv, const char *name, size_t line, Diag *diag)
{
    char *problem =
        mem_format("table %s has no column \"%s\"", csv->relation->qname, name);

    csvreader_set_problem(diag, csv->file->name, line, problem);
    nearest_name_set_hint(diag, nearest_name_of_column(csv->relation, 1, name),
                          "The first line must name columns of the table.");
    free(problem);
}

static bool
take_header(void *context, const CsvRecord *header, Diag *diag)
{
    RootCsv *csv = context;
    int *columns = mem_alloc(header->n_fields * sizeof(*columns));
    bool is_good = true;

    for (size_t i = 0; is_good && i < header->n_fields; i++)
    {
        columns[i] = catalog_find_column(csv->relation, header->names[i]);
        is_good = columns[i] >= 0;
        if (!is_good)
            set_unknown_column(csv, header->names[i], header->line, diag);
    }
    if (is_good)
        root_keys_init(csv->keys, csv->session, csv->relation, columns,
                       (int)header->n_fields, csv->source);
    free(columns);
    return is_good;
}

static bool
take_record(void *context, const CsvRecord *record, Diag *diag)
{
    RootCsv *csv = context;

    if (!root_file_check_record(csv->file, record, diag))
        return false;
    for (size_t i = 0; i < record->n_fields; i++)
        root_keys_add_value(csv->keys, &csv->session->encoding, record->fields[i].text,
                            record->fields[i].length);
    root_keys_end(csv->keys, record->line);
    return true;
}

static FILE *
open_file(const RootFile *file)
{
    FILE *stream = file->is_stdin ? stdin : fopen(file->path, "rbe");

    if (stream == NULL)
        die_errno(EXIT_USAGE, "could not open \"%s\"", file->path);
    return stream;
}

void
root_csv_read(RootKeys *keys, Session *session, const Relation *relation,
              const RootFile *file, const char *source)
{
    enum
    {
        CHUNK = 64 * 1024
    };
    RootCsv csv = {.keys = keys,
                   .session = session,
                   .relation = relation,
                   .file = file,
                   .source = source};
    const CsvHandler handler = {.header = take_header,
                                .record = take_record,
                                .context = &csv};
    CsvReader *reader = csvreader_new(file->name, &handler);
    FILE *stream = open_file(file);
    char *chunk = mem_alloc(CHUNK);
    Diag diag = {0};
    size_t n;

    while ((n = fread(chunk, 1, CHUNK, stream)) > 0)
    {
        signals_check();
        if (!csvreader_feed(reader, chunk, n, &diag))
            die(EXIT_USAGE, &diag);
    }
    signals_check();
    if (ferror(stream))
        die_errno(EXIT_USAGE, "could not read \"%s\"", file->name);
    if (!csvreader_finish(reader, &diag))
        die(EXIT_USAGE, &diag);
    if (!file->is_stdin)
        fclose(stream);
    csvreader_free(reader);
    free(chunk);
}
