#include "load/stage/source_encoding.h"

#include <string.h>

#include "base/arena.h"
#include "base/copytext.h"
#include "base/die.h"
#include "base/log.h"
#include "base/strbuf.h"
#include "db/db.h"

const char *
source_encoding_find(LoadBatch *batch, int source, const Input *input)
{
    LoadSource *from = &batch->sources[source];
    const char *declared = input_get_encoding(input);
    const char *own = db_encoding(batch->db);
    int number;

    if (declared == NULL)
        return NULL;
    number = pg_char_to_encoding(declared);
    if (number < 0)
        die_message(EXIT_SERVER, "%s: encoding \"%s\" does not exist", from->name,
                    declared);
    declared = pg_encoding_to_char(number);
    if (strcmp(declared, own) == 0)
        return NULL;
    if (batch->settings->encoding == NULL)
        return declared;
    if (!from->is_encoding_reported)
        log_warning("%s is read in encoding %s of --encoding instead of its own "
                    "encoding %s",
                    from->name, own, declared);
    from->is_encoding_reported = true;
    return NULL;
}

/* The bytes as the server converts them; the caller releases the result. */
static PGresult *
convert_bytes(const LoadBatch *batch, const char *path, const char *encoding,
              const char *text, size_t length)
{
    const char *values[2] = {NULL, encoding};
    PQExpBufferData bytes;
    PGresult *result;

    initPQExpBuffer(&bytes);
    appendPQExpBufferStr(&bytes, "\\x");
    for (size_t i = 0; i < length; i++)
        appendPQExpBuffer(&bytes, "%02x", (unsigned char)text[i]);
    values[0] = bytes.data;
    db_set_context(batch->db, "could not convert %s from encoding %s", path, encoding);
    result = db_query_params(batch->db,
                             "SELECT pg_catalog.convert_from($1::pg_catalog.bytea, "
                             "$2::pg_catalog.name)",
                             2, values);
    db_set_context(batch->db, NULL);
    termPQExpBuffer(&bytes);
    return result;
}

const char *
source_encoding_convert(const LoadBatch *batch, const char *path, const char *encoding,
                        const char *text)
{
    PGresult *result;
    const char *converted;

    if (text == NULL || encoding == NULL || copytext_is_ascii(text))
        return text;
    result = convert_bytes(batch, path, encoding, text, strlen(text));
    converted = arena_copy_string(batch->arena, PQgetvalue(result, 0, 0));
    PQclear(result);
    return converted;
}

void
source_encoding_convert_table(const LoadBatch *batch, const char *path,
                              const char *encoding, InputTable *table)
{
    const char **columns;

    if (encoding == NULL)
        return;
    table->name = source_encoding_convert(batch, path, encoding, table->name);
    columns = arena_alloc(batch->arena, (table->n_columns + 1) * sizeof(*columns));
    for (size_t i = 0; i < table->n_columns; i++)
        columns[i] = source_encoding_convert(batch, path, encoding, table->columns[i]);
    if (table->columns != NULL)
        table->columns = columns;
}

/* In values a line feed is an escape, so each line feed ends a line, as before. */
void
source_encoding_convert_lines(const LoadBatch *batch, const char *path,
                              const char *encoding, Lines *lines)
{
    PGresult *result;
    size_t end = 0;

    if (encoding == NULL || copytext_is_ascii(lines->text.data))
        return;
    result = convert_bytes(batch, path, encoding, lines->text.data, lines->text.len);
    resetPQExpBuffer(&lines->text);
    appendPQExpBufferStr(&lines->text, PQgetvalue(result, 0, 0));
    PQclear(result);
    for (size_t i = 0; i < lines->n_lines; i++)
    {
        end += strcspn(lines->text.data + end, "\n");
        if (end == lines->text.len)
            die_message(EXIT_SERVER, "%s: encoding %s has other line ends", path,
                        encoding);
        lines->ends[i] = ++end;
    }
}
