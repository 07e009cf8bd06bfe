/*
 * A source that is read byte by byte gives the same records as in one piece, or the same
 * error; how many records come before that depends on the size of the pieces.
 */
#include <string.h>

#include "fuzz.h"
#include "load/source/input.h"

enum
{
    MOST_COLUMNS = 5
};

static void
note_lines(PQExpBuffer found, Lines *lines)
{
    appendBinaryPQExpBuffer(found, lines->text.data, lines->text.len);
    for (size_t i = 0; i < lines->n_rejects; i++)
        appendPQExpBuffer(found, "reject %d: %s: %s\n", (int)lines->rejects[i].record,
                          lines->rejects[i].reason, lines->rejects[i].raw);
    lines_reset(lines);
}

static InputStatus
read_table(Input *input, size_t width, PQExpBuffer found, Diag *diag)
{
    int fields[MOST_COLUMNS];
    const char *constants[MOST_COLUMNS] = {NULL};
    Lines lines;
    InputStatus status;

    for (int i = 0; i < MOST_COLUMNS; i++)
        fields[i] = i;
    lines_init(&lines);
    if (width > MOST_COLUMNS)
        width = MOST_COLUMNS;
    input_project(input, width, fields, constants, width, 0);
    while ((status = input_read(input, &lines, 1000, 1 << 20, diag)) == INPUT_ROWS)
        note_lines(found, &lines);
    note_lines(found, &lines);
    lines_free(&lines);
    return status;
}

/* What a dump says besides its rows. */
static void
note_dump(Input *input, PQExpBuffer found)
{
    size_t n;
    const InputSequence *sequences = input_get_sequences(input, &n);
    const char *encoding = input_get_encoding(input);

    appendPQExpBuffer(found, "encoding %s\n", encoding != NULL ? encoding : "");
    for (size_t i = 0; i < n; i++)
        appendPQExpBuffer(found, "%s %lld %d\n", sequences[i].name,
                          (long long)sequences[i].value, sequences[i].is_called);
}

static void
read_source(const InputSpec *spec, PQExpBuffer found)
{
    Diag diag = {0};
    Input *input = input_open(spec, &diag);
    InputTable table;
    InputStatus status = INPUT_ERROR;

    while (input != NULL &&
           (status = input_next_table(input, &table, &diag)) == INPUT_TABLE)
    {
        appendPQExpBuffer(found, "%s %zu %d %s %s\n",
                          table.name != NULL ? table.name : "", table.n_columns,
                          table.is_postponed, table.origin != NULL ? table.origin : "",
                          table.mark != NULL ? table.mark : "");
        status =
            read_table(input, table.n_columns > 0 ? table.n_columns : 2, found, &diag);
        if (status == INPUT_ERROR)
            break;
    }
    if (status == INPUT_ERROR)
    {
        resetPQExpBuffer(found);
        appendPQExpBufferStr(found, diag.message);
    }
    else if (input != NULL)
        note_dump(input, found);
    diag_free(&diag);
    input_close(input);
}

int
fuzz_input(const uint8_t *data, size_t size)
{
    const InputFormat formats[] = {INPUT_AUTO, INPUT_CSV, INPUT_COPY, INPUT_DUMP};
    uint8_t flags = size > 0 ? data[0] : 0;
    InputSpec spec = {.format = formats[flags & 3],
                      .has_no_header = (flags & 4) != 0,
                      .has_copy_header = (flags & 8) != 0,
                      .path = fuzz_open_file(data + (size > 0), size - (size > 0))};
    PQExpBufferData whole;
    PQExpBufferData bytes;

    initPQExpBuffer(&whole);
    initPQExpBuffer(&bytes);
    read_source(&spec, &whole);
    spec.most_bytes = 1;
    read_source(&spec, &bytes);
    fuzz_expect(fuzz_is_compressed(data + (size > 0), size - (size > 0)) ||
                    (whole.len == bytes.len &&
                     memcmp(whole.data, bytes.data, whole.len) == 0),
                "chunks make no difference");
    termPQExpBuffer(&whole);
    termPQExpBuffer(&bytes);
    fuzz_close_file();
    return 0;
}
