#include "sample/masked/masked_rows.h"

#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/mem.h"
#include "sample/direct/spool.h"

/* The rows of one relation follow each other. */
typedef struct MaskedTable
{
    bool is_here;
    uint64_t offset; /* of the first row */
    size_t n_rows;
} MaskedTable;

struct MaskedRows
{
    Spool *spool;
    MaskedTable *tables; /* by relation */
    MaskedTable *current;
};

MaskedRows *
masked_rows_new(size_t memory_limit, int n_relations)
{
    MaskedRows *rows = mem_alloc_zero(1, sizeof(*rows));

    rows->spool = spool_new(memory_limit);
    rows->tables = mem_alloc_zero((size_t)n_relations, sizeof(MaskedTable));
    return rows;
}

void
masked_rows_free(MaskedRows *rows)
{
    if (rows == NULL)
        return;
    spool_free(rows->spool);
    free(rows->tables);
    free(rows);
}

void
masked_rows_begin(MaskedRows *rows, int relation)
{
    rows->current = &rows->tables[relation];
    *rows->current = (MaskedTable){.is_here = true};
}

void
masked_rows_append(MaskedRows *rows, const char *line, size_t length)
{
    uint32_t stored = (uint32_t)length;
    uint64_t offset;

    if (length > UINT32_MAX)
        die_message(EXIT_SERVER, "cannot mask a row of more than 4 GB");
    offset = spool_append(rows->spool, (const char *)&stored, sizeof(stored));
    (void)spool_append(rows->spool, line, length); /* offsets go on */
    if (rows->current->n_rows++ == 0)
        rows->current->offset = offset;
}

bool
masked_rows_has(const MaskedRows *rows, int relation)
{
    return rows != NULL && rows->tables[relation].is_here;
}

size_t
masked_rows_count(const MaskedRows *rows, int relation)
{
    return rows->tables[relation].n_rows;
}

MaskedReader
masked_rows_read(MaskedRows *rows, int relation)
{
    const MaskedTable *table = &rows->tables[relation];

    return (MaskedReader){.rows = rows, .offset = table->offset, .n_left = table->n_rows};
}

const char *
masked_rows_next(MaskedReader *reader, size_t *length)
{
    uint32_t stored;
    const char *line;

    if (reader->n_left == 0)
        return NULL;
    reader->n_left--;
    memcpy(&stored, spool_read(reader->rows->spool, reader->offset, sizeof(stored)),
           sizeof(stored));
    *length = stored;
    line = spool_read(reader->rows->spool, reader->offset + sizeof(stored), stored);
    reader->offset += sizeof(stored) + stored;
    return line;
}
