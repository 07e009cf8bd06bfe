/* CSV in chunks of one byte is the same as in one piece. */
#include <string.h>

#include "base/csvreader.h"
#include "fuzz.h"

static bool
note_record(void *context, const CsvRecord *record, Diag *diag)
{
    PQExpBuffer found = context;

    (void)diag;
    appendPQExpBuffer(found, "%zu%s:", record->line, record->is_empty_line ? "e" : "");
    for (size_t i = 0; i < record->n_fields; i++)
    {
        appendPQExpBuffer(found, "%s%zu|", record->fields[i].is_null ? "N" : "",
                          record->fields[i].length);
        appendBinaryPQExpBuffer(found, record->fields[i].text, record->fields[i].length);
    }
    return true;
}

static void
read_in_chunks(const CsvOptions *options, const char *text, size_t length, size_t chunk,
               PQExpBuffer found)
{
    CsvHandler handler = {.header = note_record, .record = note_record, .context = found};
    CsvReader *reader = csvreader_new_with("f", &handler, options);
    Diag diag = {0};
    bool is_good = true;

    for (size_t i = 0; is_good && i < length; i += chunk)
        is_good = csvreader_feed(reader, text + i,
                                 i + chunk > length ? length - i : chunk, &diag);
    is_good = is_good && csvreader_finish(reader, &diag);
    appendPQExpBufferStr(found, is_good ? "good" : diag.message);
    diag_free(&diag);
    csvreader_free(reader);
}

int
fuzz_csv(const uint8_t *data, size_t size)
{
    uint8_t flags = size > 0 ? data[0] : 0;
    CsvOptions options = {.delimiter = (flags & 1) != 0 ? ';' : '\0',
                          .quote = (flags & 2) != 0 ? '\'' : '\0',
                          .null_text = (flags & 4) != 0 ? "null" : NULL,
                          .has_no_header = (flags & 8) != 0,
                          .has_any_width = (flags & (8 | 16)) != 0,
                          .has_any_names = (flags & 32) != 0,
                          .keeps_empty_lines = (flags & 64) != 0};
    PQExpBufferData whole;
    PQExpBufferData bytes;
    const char *text = (const char *)data + (size > 0);
    size_t length = size - (size > 0);

    initPQExpBuffer(&whole);
    initPQExpBuffer(&bytes);
    read_in_chunks(&options, text, length, length + 1, &whole);
    read_in_chunks(&options, text, length, 1, &bytes);
    fuzz_expect(whole.len == bytes.len && memcmp(whole.data, bytes.data, whole.len) == 0,
                "chunks make no difference");
    termPQExpBuffer(&whole);
    termPQExpBuffer(&bytes);
    return 0;
}
