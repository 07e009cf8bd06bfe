#include <inttypes.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/strbuf.h"
#include "db/db.h"
#include "load/direct/direct_internal.h"
#include "load/stage/copy_error.h"

/* "COPY t (a, b) FROM STDIN" */
static char *
format_copy(const LoadTable *table)
{
    PQExpBufferData sql;

    initPQExpBuffer(&sql);
    appendPQExpBuffer(&sql, "COPY %s (", table->qname);
    for (int i = 0; i < table->n_columns; i++)
        appendPQExpBuffer(&sql, "%s%s", i > 0 ? ", " : "",
                          table->target->relation->columns[table->columns[i]].qname);
    appendPQExpBufferStr(&sql, ") FROM STDIN");
    return sql.data;
}

/* The lines without the number of the record, which is their last field. */
static void
append_lines(PQExpBuffer out, const Lines *lines)
{
    size_t start = 0;

    for (size_t i = 0; i < lines->n_lines; i++)
    {
        size_t end = lines->ends[i];

        while (end > start && lines->text.data[end - 1] != '\t')
            end--;
        if (end > start)
            end--;
        appendBinaryPQExpBuffer(out, lines->text.data + start, end - start);
        appendPQExpBufferChar(out, '\n');
        start = lines->ends[i];
    }
}

static _Noreturn void
die_of_copy(const DirectRows *rows, const PGresult *result)
{
    size_t n = rows->lines->n_lines;
    size_t line;

    if (copy_error_find_line_of(PQresultErrorField(result, PG_DIAG_CONTEXT),
                                rows->table->target->relation->name, n, &line))
        direct_error_die(rows, line - 1, line, result, NULL);
    direct_error_die(rows, 0, n, result, NULL);
}

void
direct_copy(const DirectRows *rows)
{
    Db *db = rows->batch->db;
    char *sql = format_copy(rows->table);
    PQExpBufferData text;
    PGresult *result;

    initPQExpBuffer(&text);
    append_lines(&text, rows->lines);
    db_copy_in_begin(db, sql);
    db_copy_in(db, text.data, text.len);
    result = db_copy_in_try_end(db);
    termPQExpBuffer(&text);
    free(sql);
    if (!db_succeeded(result))
        die_of_copy(rows, result);
    if (strtoull(PQcmdTuples(result), NULL, 10) != rows->lines->n_lines)
    {
        char *reason = mem_format("Row count mismatch! Read: %zu, Inserted: %s",
                                  rows->lines->n_lines, PQcmdTuples(result));

        direct_error_die(rows, 0, rows->lines->n_lines, NULL, reason);
    }
    rows->table->counts.inserted += (int64_t)rows->lines->n_lines;
    PQclear(result);
}
