/*
 * A source of JSON that is read byte by byte gives the same lines and rejects as in one
 * piece, or the same error. A line has a field for each column, then which of these the
 * record has, then its number; and the record of a reject is where its number says.
 */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/copytext.h"
#include "base/mem.h"
#include "fuzz.h"
#include "load/source/input.h"
#include "load/source/json_line.h"

static const JsonColumn columns[] = {
    {.name = "id"},
    {.name = "t", .kind = JSON_KIND_TEXT},
    {.name = "j", .kind = JSON_KIND_JSON},
    {.name = "a", .kind = JSON_KIND_ARRAY, .element = JSON_KIND_TEXT, .delimiter = ','},
    {.name = "b", .kind = JSON_KIND_ARRAY, .element = JSON_KIND_JSON, .delimiter = ','},
    {.name = "c", .constant = "c"},
};

enum
{
    N_COLUMNS = sizeof(columns) / sizeof(columns[0])
};

static const JsonName names[] = {
    {.text = "id", .length = 2, .column = 0}, {.text = "t", .length = 1, .column = 1},
    {.text = "j", .length = 1, .column = 2},  {.text = "a", .length = 1, .column = 3},
    {.text = "b", .length = 1, .column = 4},  {.text = "c", .length = 1, .column = 5},
    {.text = "g", .length = 1, .column = -1},
};

static void
check_line(const char *text, size_t length)
{
    CopyLine rest = copytext_line(text, length);
    CopyField field;
    CopyField presence = {0};
    size_t n = 0;

    while (copytext_next_field(&rest, &field))
    {
        if (n++ == N_COLUMNS)
            presence = field;
    }
    fuzz_expect(n == N_COLUMNS + 2, "a line has all fields");
    fuzz_expect(presence.is_null || presence.length == N_COLUMNS,
                "a line says which columns the record has");
}

static void
note_lines(PQExpBuffer found, Lines *lines)
{
    size_t start = 0;

    appendBinaryPQExpBuffer(found, lines->text.data, lines->text.len);
    for (size_t i = 0; i < lines->n_lines; i++)
    {
        check_line(lines->text.data + start, lines->ends[i] - start);
        start = lines->ends[i];
    }
    for (size_t i = 0; i < lines->n_rejects; i++)
        appendPQExpBuffer(found, "reject %d: %s: %s\n", (int)lines->rejects[i].record,
                          lines->rejects[i].reason, lines->rejects[i].raw);
    lines_reset(lines);
}

static void
read_records(const InputSpec *spec, const JsonMembers *members, PQExpBuffer found)
{
    Diag diag = {0};
    Input *input = input_open(spec, &diag);
    InputTable table;
    InputStatus status = INPUT_ERROR;
    Lines lines;

    lines_init(&lines);
    if (input != NULL && input_next_table(input, &table, &diag) == INPUT_TABLE)
    {
        input_project_members(input, members, 0);
        while ((status = input_read(input, &lines, 1000, 1 << 20, &diag)) == INPUT_ROWS)
            note_lines(found, &lines);
    }
    if (status == INPUT_ERROR)
    {
        resetPQExpBuffer(found);
        appendPQExpBufferStr(found, diag.message);
    }
    lines_free(&lines);
    diag_free(&diag);
    input_close(input);
}

/* All of it as one record, in memory that ends where it ends. */
static void
read_one(const JsonMembers *members, const uint8_t *data, size_t size)
{
    JsonLine *line = json_line_new(members);
    JsonHandler handler = json_line_get_handler(line);
    JsonRecord *record = json_record_new(&handler, members->envelope);
    char *text = mem_alloc(size > 0 ? size : 1);
    Lines lines;
    char *reason;

    memcpy(text, data, size);
    lines_init(&lines);
    reason = json_record_read(record, text, size);
    if (reason == NULL)
        reason = json_line_end(line, 1, &lines);
    if (reason == NULL)
        check_line(lines.text.data, lines.text.len);
    free(reason);
    free(text);
    lines_free(&lines);
    json_record_free(record);
    json_line_free(line);
}

int
fuzz_json(const uint8_t *data, size_t size)
{
    uint8_t flags = size > 0 ? data[0] : 0;
    Arena *arena = arena_new();
    JsonMembers members = {.columns = columns,
                           .n_columns = N_COLUMNS,
                           .envelope = (flags & 2) != 0 ? "data" : NULL,
                           .ignores_unknown = (flags & 4) != 0,
                           .names = names,
                           .n_names = sizeof(names) / sizeof(names[0])};
    InputSpec spec = {.format = (flags & 1) != 0 ? INPUT_JSONL : INPUT_JSON,
                      .path = fuzz_open_file(data + (size > 0), size - (size > 0))};
    PQExpBufferData whole;
    PQExpBufferData bytes;

    json_members_prepare(&members, arena);
    read_one(&members, data + (size > 0), size - (size > 0));
    initPQExpBuffer(&whole);
    initPQExpBuffer(&bytes);
    read_records(&spec, &members, &whole);
    spec.most_bytes = 1;
    read_records(&spec, &members, &bytes);
    fuzz_expect(fuzz_is_compressed(data + (size > 0), size - (size > 0)) ||
                    (whole.len == bytes.len &&
                     memcmp(whole.data, bytes.data, whole.len) == 0),
                "chunks make no difference");
    termPQExpBuffer(&whole);
    termPQExpBuffer(&bytes);
    fuzz_close_file();
    arena_free(arena);
    return 0;
}
