/*
 * Sends lines by COPY, and finds those that the server does not accept.
 *
 * COPY ends with the first bad line, and stores nothing. The error names the line
 * (copy_error.h), so the lines before it are sent again, the line is rejected, and COPY
 * continues after it: a bad line costs two more statements, not a search by bisection. If
 * the error names no line, the number of lines to try is halved. If many lines are bad, a
 * probe (stage_probe.h) finds them with one statement.
 *
 * A chunk of lines is sent while it is being read, and is kept until the server has
 * accepted it, since it may have to be sent again.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/die.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/plural.h"
#include "base/strbuf.h"
#include "db/db.h"
#include "db/sqlstate.h"
#include "load/registry/registry_name.h"
#include "load/stage/copy_error.h"
#include "load/stage/stage_internal.h"

#define SAVEPOINT "pg_sample_load_copy"

enum
{
    FIRST_PIECE_SIZE = 16 * 1024,
    CHUNK_SIZE = 8 * 1024 * 1024,     /* bytes of one COPY, unless a line is longer */
    MAX_LINE = 1024 * 1024 * 1024 - 1 /* what the server's buffer for a line can hold */
};

StageCopy
stage_copy_begin(StageState *state, LoadTable *table, const char *encoding)
{
    LoadBatch *batch = state->batch;
    const Relation *relation = table->target->relation;
    char *tail = mem_alloc_zero(TABLE_NAME_TAIL_SIZE, 1);
    StageCopy copy = {.db = batch->db,
                      .batch = batch,
                      .rejects = state->rejects,
                      .table = table,
                      .encoding = encoding,
                      .progress = state->progress};
    PQExpBufferData sql;

    state->has_sent = true;
    copy.names = mem_alloc_zero((size_t)table->n_columns + 1, sizeof(*copy.names));
    initPQExpBuffer(&sql);
    if (batch->stage_kind == STAGE_TEMPORARY)
        appendPQExpBufferStr(&sql, "SAVEPOINT " SAVEPOINT ";\n");
    appendPQExpBuffer(&sql, "COPY %s (", table->stage);
    for (int i = 0; i < table->n_columns; i++)
    {
        const Column *column = &relation->columns[table->columns[i]];

        appendPQExpBuffer(&sql, "%s, ", column->qname);
        copy.names[i] = column->name;
    }
    copy.n_fields = table->n_columns;
    if (table->has_presence)
    {
        appendPQExpBufferStr(&sql, PRESENT_COLUMN ", ");
        copy.names[copy.n_fields++] = PRESENT_COLUMN;
    }
    appendPQExpBufferStr(&sql, RECORD_COLUMN ") FROM STDIN");
    if (encoding != NULL)
    {
        char *literal = db_quote_literal(batch->db, encoding);

        appendPQExpBuffer(&sql, " (ENCODING %s)", literal);
        PQfreemem(literal);
    }
    copy.sql = sql.data;
    (void)registry_name_find_tail(table->stage, tail);
    copy.tail = tail;
    return copy;
}

void
stage_copy_free(StageCopy *copy)
{
    free(copy->sql);
    free(copy->names);
    free((char *)(uintptr_t)copy->tail);
    stage_probe_free(&copy->probe);
}

/* ---- lines */

static bool
is_too_long(const Lines *lines, size_t line)
{
    return lines->ends[line] - stage_lines_get_start(lines, line) > MAX_LINE;
}

/* The record as it was read, or its line without the last fields, which are ours. */
static char *
copy_raw(const StageCopy *copy, size_t line)
{
    const Lines *lines = copy->lines;
    size_t n_kept;
    const char *kept = lines_get_raw(lines, line, &n_kept);
    size_t start = stage_lines_get_start(lines, line);
    size_t end = lines->ends[line];
    char *raw;

    if (kept != NULL)
        return mem_copy_part(kept, n_kept);
    for (int i = copy->table->has_presence ? 2 : 1; i > 0 && end > start; i--)
    {
        while (end > start && lines->text.data[end - 1] != '\t')
            end--;
        if (end > start)
            end--;
    }
    raw = mem_alloc(end - start + 1);
    memcpy(raw, lines->text.data + start, end - start);
    raw[end - start] = '\0';
    return raw;
}

static void
reject_record(StageCopy *copy, uint64_t number, Reject like)
{
    int64_t record = (int64_t)number;

    if (stage_completion_is_running(copy->batch, copy->table))
        stage_completion_die(copy, record, like.reason);
    like.table = (int)(copy->table - copy->batch->tables);
    like.record = record;
    like.kind = REJECT_PARSE;
    rejects_add(copy->rejects, &like);
}

/* Rejects what is no row, and is before this record: rejects are added in their order. */
static void
reject_unreadable(StageCopy *copy, uint64_t before)
{
    const Lines *lines = copy->lines;

    for (; copy->next_unreadable < lines->n_rejects &&
           lines->rejects[copy->next_unreadable].record < before;
         copy->next_unreadable++)
    {
        const RejectedRecord *rejected = &lines->rejects[copy->next_unreadable];

        reject_record(copy, rejected->record,
                      (Reject){.line = rejected->line,
                               .reason = rejected->reason,
                               .raw = rejected->raw});
    }
}

static void
reject_line(StageCopy *copy, size_t line, int column, const char *sqlstate,
            const char *reason)
{
    char *raw = copy_raw(copy, line);

    reject_unreadable(copy, copy->lines->records[line]);
    reject_record(copy, copy->lines->records[line],
                  (Reject){.line = copy->lines->source_lines[line],
                           .column = column >= 0 ? copy->names[column] : NULL,
                           .sqlstate = sqlstate,
                           .reason = reason,
                           .raw = raw});
    copy->n_rejected++;
    free(raw);
}

static void
reject_failed(StageCopy *copy, size_t line, const PGresult *result)
{
    int column = copy_error_find_column(PQresultErrorField(result, PG_DIAG_CONTEXT),
                                        copy->tail, copy->names, copy->n_fields);

    reject_line(copy, line, column, PQresultErrorField(result, PG_DIAG_SQLSTATE),
                PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY));
}

static void
reject_long_line(StageCopy *copy, size_t line)
{
    size_t length = copy->lines->ends[line] - stage_lines_get_start(copy->lines, line);
    char *reason =
        mem_format("the record has %zu bytes, but a row must have less than 1 GB",
                   length);

    reject_unreadable(copy, copy->lines->records[line]);
    reject_record(copy, copy->lines->records[line],
                  (Reject){.line = copy->lines->source_lines[line],
                           .sqlstate = SQLSTATE_PROGRAM_LIMIT_EXCEEDED,
                           .reason = reason});
    copy->n_rejected++;
    free(reason);
}

/* Rejects the lines that a probe found bad. */
static void
reject_probed(StageCopy *copy, const StageVerdict *bad, size_t n_bad)
{
    for (size_t i = 0; i < n_bad && !rejects_are_hopeless(copy->rejects); i++)
        reject_line(copy, bad[i].line, bad[i].column, bad[i].sqlstate, bad[i].reason);
}

/* ---- one COPY */

/* Ends it; returns the failed result, or NULL if the server stored all n lines. */
static PGresult *
end_copy(StageCopy *copy, size_t n)
{
    bool has_savepoint = copy->batch->stage_kind == STAGE_TEMPORARY;
    PGresult *result = db_copy_in_try_end(copy->db);

    if (!db_succeeded(result))
    {
        if (has_savepoint)
            db_execute(copy->db, "ROLLBACK TO SAVEPOINT " SAVEPOINT ";\n"
                                 "RELEASE SAVEPOINT " SAVEPOINT);
        return result;
    }
    if (strtoull(PQcmdTuples(result), NULL, 10) != n)
        die_message(EXIT_SERVER, "%s: %zu row%s sent to the server, but it took %s",
                    copy->table->name, n, plural_choose((int64_t)n, " was", "s were"),
                    PQcmdTuples(result));
    PQclear(result);
    if (has_savepoint)
        db_execute(copy->db, "RELEASE SAVEPOINT " SAVEPOINT);
    copy->table->n_staged += (int64_t)n;
    return NULL;
}

static PGresult *
try_lines(StageCopy *copy, size_t from, size_t to)
{
    const StageVerdict *bad;
    size_t n_bad = stage_probe_count(&copy->probe, from, to, &bad);
    PGresult *failed = NULL;

    if (n_bad < to - from)
    {
        db_copy_in_begin(copy->db, copy->sql);
        stage_probe_send_others(copy, from, to);
        failed = end_copy(copy, to - from - n_bad);
    }
    if (failed == NULL)
        reject_probed(copy, bad, n_bad);
    return failed;
}

/* ---- around bad lines */

static _Noreturn void
die_sending(StageCopy *copy, const PGresult *result)
{
    const char *hint = NULL;

    if (sqlstate_is(result, SQLSTATE_DISK_FULL))
        hint = "Free space, or load one table at a time; staging needs about the size of "
               "the input.";
    db_set_context(copy->db, "could not stage rows of %s", copy->table->name);
    db_error_die(copy->db, result, hint);
}

/*
 * The index of the line that the error is about; "to" if it is not known. Ends the
 * program if the error is not about a line.
 */
static size_t
find_bad_line(StageCopy *copy, const PGresult *result, size_t from, size_t to)
{
    const char *context = PQresultErrorField(result, PG_DIAG_CONTEXT);
    CopyErrorKind kind =
        copy_error_classify(PQresultErrorField(result, PG_DIAG_SQLSTATE));
    size_t number;
    bool is_found = copy_error_find_line(context, copy->tail, to - from, &number);

    if (kind == COPY_ERROR_NOT_DATA || (kind == COPY_ERROR_LIKELY && !is_found))
        die_sending(copy, result);
    return is_found ? stage_probe_find_sent(&copy->probe, from, number) : to;
}

static void send_lines(StageCopy *copy, size_t from, size_t to, size_t step);

/*
 * Continues after a COPY of these lines failed. Returns the next line; *step is the
 * number of lines to send next: few if bad ones are close to each other.
 *
 * COPY has not read the lines after the one that the error names. But an error can also
 * be caused by a line before it, since rows are stored in batches. So the lines before it
 * are sent first, by themselves.
 */
static size_t
step_over(StageCopy *copy, const PGresult *result, size_t from, size_t to, size_t *step)
{
    size_t bad = find_bad_line(copy, result, from, to);
    size_t n_rejected = copy->n_rejected;

    if (to - from == 1)
        bad = from;
    *step = (to - from) / 2;
    if (bad == to)
        return from;
    stage_probe_count_failure(&copy->probe, bad,
                              PQresultErrorField(result, PG_DIAG_SQLSTATE));
    if (bad > from)
        send_lines(copy, from, bad, bad - from);
    *step = bad > from ? (bad - from) * 2 : 1;
    if (copy->n_rejected > n_rejected)
        return bad;
    reject_failed(copy, bad, result);
    return bad + 1;
}

/* The end of the lines to be sent at once: at most step, and none that is too long. */
static size_t
limit_lines(const Lines *lines, size_t from, size_t to, size_t step)
{
    size_t end = from;

    while (end < to && end - from < step && !is_too_long(lines, end))
        end++;
    return end;
}

/* Sends or rejects the first of these lines. Returns the next line. */
static size_t
send_step(StageCopy *copy, size_t from, size_t to, size_t *step)
{
    size_t end = limit_lines(copy->lines, from, to, *step);
    PGresult *failed;

    if (end == from)
    {
        reject_long_line(copy, from);
        return from + 1;
    }
    failed = try_lines(copy, from, end);
    *step *= 2;
    if (failed != NULL)
        end = step_over(copy, failed, from, end, step);
    PQclear(failed);
    return end;
}

static void
send_lines(StageCopy *copy, size_t from, size_t to, size_t step)
{
    while (from < to && !rejects_are_hopeless(copy->rejects))
        from = send_step(copy, from, to, &step);
}

/* The same; if many lines are bad, a probe finds them before they are sent. */
static void
send_probed(StageCopy *copy, size_t from, size_t to, size_t step)
{
    while (from < to && !rejects_are_hopeless(copy->rejects))
    {
        size_t end = limit_lines(copy->lines, from, to, SIZE_MAX);
        size_t n_probed = stage_probe_ahead(copy, from, end);

        if (n_probed > 0)
            step = n_probed;
        from = send_step(copy, from, to, &step);
    }
}

/* ---- chunks */

static void
begin_lines(StageCopy *copy, const Lines *lines)
{
    copy->lines = lines;
    copy->n_rejected = 0;
    copy->next_unreadable = 0;
    stage_probe_reset(&copy->probe);
}

/* Counts records, and shows the progress. */
static void
count_lines(StageCopy *copy, const Lines *lines)
{
    static double start;
    static int64_t n_rows;
    int64_t n = (int64_t)(lines->n_lines + lines->n_rejects);
    double seconds;

    copy->table->counts.n_source += n;
    if (copy->progress != NULL)
    {
        *copy->progress += n;
        return;
    }
    if (n_rows == 0)
        start = clock_seconds();
    n_rows += n;
    seconds = clock_seconds() - start;
    if (seconds > 0.5)
        log_progress("staging %s: %" PRId64 " row%s read, %.0f a second",
                     copy->table->name, n_rows, plural(n_rows), (double)n_rows / seconds);
}

void
stage_copy_lines(StageCopy *copy, const Lines *lines)
{
    begin_lines(copy, lines);
    count_lines(copy, lines);
    send_probed(copy, 0, lines->n_lines, lines->n_lines);
    reject_unreadable(copy, UINT64_MAX);
    copy->lines = NULL;
}

/* Reads the next piece of a chunk; false if the chunk is full, or the table ended. */
static bool
read_piece(const StageCopy *copy, StageState *state, StageReader *reader, Lines *lines)
{
    size_t max_rows = (size_t)copy->batch->settings->batch_size;
    size_t n_bytes = lines_count_bytes(lines);
    size_t n_records = lines->n_lines + lines->n_rejects;
    /* the server is idle until the first piece arrives */
    size_t size = n_bytes < STAGE_PIECE_SIZE ? FIRST_PIECE_SIZE : STAGE_PIECE_SIZE;

    if (!reader->has_table || n_records >= max_rows || n_bytes >= CHUNK_SIZE)
        return false;
    do
    {
        Diag diag = {0};

        if (input_read(reader->input, lines, max_rows, n_bytes + size, &diag) ==
            INPUT_ERROR)
            stage_reader_die(reader->input, &diag);
    } while (!lines_are_full(lines, max_rows, n_bytes + size) &&
             stage_reader_go_on(state, reader));
    return lines->n_lines + lines->n_rejects > n_records;
}

/*
 * Sends lines while the next ones are being read, so that server and client work at the
 * same time. *n_sent is the number of lines sent; the chunk can have more, after a line
 * that is too long.
 */
static PGresult *
stream_chunk(StageCopy *copy, StageState *state, StageReader *reader, Lines *lines,
             size_t *n_sent)
{
    bool has_begun = false;

    *n_sent = 0;
    while (read_piece(copy, state, reader, lines))
    {
        size_t end = limit_lines(lines, *n_sent, lines->n_lines, SIZE_MAX);

        if (end > *n_sent && !has_begun)
            db_copy_in_begin(copy->db, copy->sql);
        has_begun = has_begun || end > *n_sent;
        stage_lines_send(copy, *n_sent, end);
        *n_sent = end;
        if (end < lines->n_lines)
            break;
    }
    return has_begun ? end_copy(copy, *n_sent) : NULL;
}

static void
copy_chunk(StageCopy *copy, StageState *state, StageReader *reader, Lines *lines)
{
    size_t n_sent;
    PGresult *failed;

    lines_reset(lines);
    begin_lines(copy, lines);
    failed = stream_chunk(copy, state, reader, lines, &n_sent);
    count_lines(copy, lines);
    if (failed != NULL)
    {
        size_t step;
        size_t next = step_over(copy, failed, 0, n_sent, &step);

        PQclear(failed);
        send_probed(copy, next, n_sent, step);
    }
    send_probed(copy, n_sent, lines->n_lines, lines->n_lines);
    reject_unreadable(copy, UINT64_MAX);
}

void
stage_copy_rest(StageCopy *copy, StageState *state, StageReader *reader)
{
    Lines lines;

    lines_init(&lines);
    while (reader->has_table && !rejects_are_hopeless(copy->rejects))
        copy_chunk(copy, state, reader, &lines);
    lines_free(&lines);
    copy->lines = NULL;
}
