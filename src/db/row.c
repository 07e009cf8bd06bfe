#include "db/row.h"

#include <stdlib.h>

RowReader
row_reader(const PGresult *result)
{
    return (RowReader){.result = result, .row = -1};
}

bool
row_next(RowReader *reader)
{
    reader->row++;
    reader->column = 0;
    return reader->row < PQntuples(reader->result);
}

const char *
row_text(RowReader *reader)
{
    int column = reader->column++;

    if (PQgetisnull(reader->result, reader->row, column))
        return NULL;
    return PQgetvalue(reader->result, reader->row, column);
}

bool
row_bool(RowReader *reader)
{
    const char *text = row_text(reader);

    return text != NULL && text[0] == 't';
}

int64_t
row_int64(RowReader *reader)
{
    const char *text = row_text(reader);

    return text != NULL ? strtoll(text, NULL, 10) : 0;
}

int
row_int(RowReader *reader)
{
    return (int)row_int64(reader);
}

uint32_t
row_oid(RowReader *reader)
{
    return (uint32_t)row_int64(reader);
}

double
row_double(RowReader *reader)
{
    const char *text = row_text(reader);

    return text != NULL ? strtod(text, NULL) : 0;
}
