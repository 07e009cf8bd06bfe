#include <string.h>

#include "base/log.h"
#include "db/db.h"
#include "load/stage/rejects_internal.h"

enum
{
    SEND_SIZE = 256 * 1024
};

/* Length of the valid character of UTF-8 at the text, or 0. */
static size_t
measure_character(const unsigned char *text)
{
    static const unsigned char lowest[] = {0, 0, 0, 0xA0, 0x90};
    size_t length = text[0] < 0x80                       ? 1
                    : text[0] >= 0xC2 && text[0] <= 0xDF ? 2
                    : text[0] >= 0xE0 && text[0] <= 0xEF ? 3
                    : text[0] >= 0xF0 && text[0] <= 0xF4 ? 4
                                                         : 0;

    for (size_t i = 1; i < length; i++)
    {
        if ((text[i] & 0xC0) != 0x80)
            return 0;
    }
    /* overlong forms, surrogates, and what is beyond Unicode */
    if ((text[0] == 0xE0 && text[1] < lowest[3]) ||
        (text[0] == 0xF0 && text[1] < lowest[4]) || (text[0] == 0xED && text[1] > 0x9F) ||
        (text[0] == 0xF4 && text[1] > 0x8F))
        return 0;
    return length;
}

/* As a field of COPY text. Bytes that are not valid become \xHH. */
static void
append_field(PQExpBuffer out, const char *text, bool is_ascii_only, char end)
{
    const unsigned char *c = (const unsigned char *)text;

    if (text == NULL)
        appendPQExpBufferStr(out, "\\N");
    while (text != NULL && *c != '\0')
    {
        size_t length = *c >= 0x80 && is_ascii_only ? 0 : measure_character(c);

        if (length == 0)
            appendPQExpBuffer(out, "\\\\x%02X", *c);
        else if (*c == '\\')
            appendPQExpBufferStr(out, "\\\\");
        else if (*c == '\t' || *c == '\n' || *c == '\r')
            appendPQExpBuffer(out, "\\%c", *c == '\t' ? 't' : *c == '\n' ? 'n' : 'r');
        else
            appendBinaryPQExpBuffer(out, (const char *)c, length);
        c += length > 0 ? length : 1;
    }
    appendPQExpBufferChar(out, end);
}

static void
append_reject(PQExpBuffer out, const Rejects *rejects, const Reject *reject,
              bool is_ascii_only)
{
    const LoadBatch *batch = rejects->batch;

    appendPQExpBuffer(out, "%s\t", batch->run_id);
    append_field(out, batch->tables[reject->table].name, is_ascii_only, '\t');
    append_field(out, batch_get_source_name(rejects->batch, reject->record),
                 is_ascii_only, '\t');
    appendPQExpBuffer(out, "%lld\t", (long long)batch_get_record_number(reject->record));
    append_field(out, reject->column, is_ascii_only, '\t');
    append_field(out, reject->sqlstate, is_ascii_only, '\t');
    append_field(out, reject->reason, is_ascii_only, '\t');
    append_field(out, reject->raw, is_ascii_only, '\n');
}

static void
send_text(Db *db, PQExpBuffer text)
{
    for (size_t offset = 0; offset < text->len; offset += SEND_SIZE)
    {
        size_t left = text->len - offset;

        db_copy_in(db, text->data + offset, left < SEND_SIZE ? left : SEND_SIZE);
    }
    resetPQExpBuffer(text);
}

static PGresult *
copy(const Rejects *rejects, bool is_ascii_only)
{
    Db *db = rejects->batch->db;
    RejectReader reader = rejects_reader(rejects);
    Reject reject = {0};
    PQExpBufferData text;

    initPQExpBuffer(&text);
    appendPQExpBuffer(&text,
                      "COPY %s.reject (run_id, table_name, source, record, column_name,"
                      " sqlstate, message, raw) FROM STDIN",
                      rejects->batch->schema);
    db_copy_in_begin(db, text.data);
    resetPQExpBuffer(&text);
    while (rejects_next(&reader, &reject))
    {
        append_reject(&text, rejects, &reject, is_ascii_only);
        if (text.len >= SEND_SIZE)
            send_text(db, &text);
    }
    send_text(db, &text);
    termPQExpBuffer(&text);
    rejects_reader_free(&reader);
    return db_copy_in_try_end(db);
}

void
rejects_store(const Rejects *rejects)
{
    const LoadBatch *batch = rejects->batch;
    PGresult *result;

    if (batch->schema == NULL || batch->settings->dry_run != DRY_RUN_NO ||
        rejects->n_reasons == 0)
        return;
    if (!db_recover(batch->db))
    {
        log_warning("could not store rejected rows: connection is lost");
        return;
    }
    result = copy(rejects, strcmp(db_encoding(batch->db), "UTF8") != 0);
    if (!db_succeeded(result))
    {
        /* the encoding of the database can lack characters */
        PQclear(result);
        result = copy(rejects, true);
    }
    if (!db_succeeded(result))
        log_warning("could not store rejected rows: %s",
                    PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY));
    PQclear(result);
}
