#include "load/stage/stage_probe.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/strbuf.h"
#include "db/db.h"
#include "db/row.h"
#include "db/sqlstate.h"
#include "load/stage/copy_error.h"
#include "load/stage/stage_internal.h"

static const size_t NO_LINE = SIZE_MAX;

enum
{
    /*
     * A probe costs about as much as 16 lines at which COPY fails, and then as one for
     * every 40 lines. So it takes as many to begin, and the first one is small.
     */
    MIN_FAILURES = 16,
    MAX_DISTANCE = 500, /* lines among which these failures are */
    FIRST_SIZE = 500,
    GROWTH = 4,
    WORTH = 40,
    MAX_VAIN = 3, /* probes one after the other; each doubles MIN_FAILURES */
    MAX_LEFT = 8, /* lines that a probe leaves to COPY, to begin again */
    HEX_SIZE = 64 * 1024
};

void
stage_probe_reset(StageProbe *probe)
{
    for (int i = 0; i < N_PROBE_KINDS; i++)
    {
        PQclear(probe->results[i]);
        probe->results[i] = NULL;
    }
    probe->n_verdicts = 0;
    probe->end = 0;
    probe->n_failures = 0;
}

void
stage_probe_free(StageProbe *probe)
{
    stage_probe_reset(probe);
    for (int i = 0; i < N_PROBE_KINDS; i++)
        free(probe->create[i]);
    free(probe->verdicts);
}

/* ---- what is known */

/* How many verdicts are about lines before this one. */
static size_t
count_before(const StageProbe *probe, size_t line)
{
    size_t low = 0;
    size_t high = probe->n_verdicts;

    while (low < high)
    {
        size_t middle = low + (high - low) / 2;

        if (probe->verdicts[middle].line < line)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

size_t
stage_probe_count(const StageProbe *probe, size_t from, size_t to,
                  const StageVerdict **first)
{
    size_t n_before = count_before(probe, from);

    *first = probe->verdicts + n_before;
    return count_before(probe, to) - n_before;
}

void
stage_probe_send_others(const StageCopy *copy, size_t from, size_t to)
{
    const StageVerdict *bad;
    size_t n_bad = stage_probe_count(&copy->probe, from, to, &bad);

    for (size_t i = 0; i < n_bad; i++)
    {
        stage_lines_send(copy, from, bad[i].line);
        from = bad[i].line + 1;
    }
    stage_lines_send(copy, from, to);
}

size_t
stage_probe_find_sent(const StageProbe *probe, size_t from, size_t number)
{
    size_t line = from + number - 1;

    for (size_t i = count_before(probe, from);
         i < probe->n_verdicts && probe->verdicts[i].line <= line; i++)
        line++;
    return line;
}

/* ---- sending lines to it */

static void
append_hex(PQExpBuffer hex, const char *text, size_t length)
{
    appendPQExpBufferStr(hex, "\\\\x");
    for (size_t i = 0; i < length; i++)
    {
        appendPQExpBufferChar(hex, "0123456789abcdef"[(unsigned char)text[i] >> 4]);
        appendPQExpBufferChar(hex, "0123456789abcdef"[(unsigned char)text[i] & 0x0F]);
    }
}

static bool
is_ascii(const char *text, size_t length)
{
    size_t i = 0;

    while (i < length && (unsigned char)text[i] < 0x80)
        i++;
    return i == length;
}

/* Lines as they are; without their end before release 14, whose COPY removes it first. */
static void
send_bytes(const StageCopy *copy, size_t from, size_t to)
{
    size_t n_off = db_server_version(copy->db) < 140000 ? 1 : 0;
    PQExpBufferData hex;

    initPQExpBuffer(&hex);
    for (size_t i = from; i < to; i++)
    {
        const StageVerdict *bad;
        size_t length;
        const char *text = stage_lines_get(copy, i, &length);

        if (is_ascii(text, length) || stage_probe_count(&copy->probe, i, i + 1, &bad) > 0)
            continue;
        append_hex(&hex, text, length - n_off);
        appendPQExpBuffer(&hex, "\t%lld\n", (long long)stage_lines_get_record(copy, i));
        if (hex.len < HEX_SIZE && i + 1 < to)
            continue;
        db_copy_in(copy->db, hex.data, hex.len);
        resetPQExpBuffer(&hex);
    }
    db_copy_in(copy->db, hex.data, hex.len);
    termPQExpBuffer(&hex);
}

static PGresult *
send_probe_lines(StageCopy *copy, ProbeKind kind, size_t from, size_t to)
{
    PQExpBufferData sql;

    initPQExpBuffer(&sql);
    appendPQExpBufferStr(&sql, "COPY pg_temp." PROBE_NAME " FROM STDIN");
    if (kind == PROBE_VALUES && copy->encoding != NULL)
    {
        char *literal = stage_probe_create_quote_encoding(copy);

        appendPQExpBuffer(&sql, " (ENCODING %s)", literal);
        PQfreemem(literal);
    }
    db_copy_in_begin(copy->db, sql.data);
    termPQExpBuffer(&sql);
    if (kind == PROBE_VALUES)
        stage_probe_send_others(copy, from, to);
    else
        send_bytes(copy, from, to);
    return db_copy_in_try_end(copy->db);
}

/* ---- its answer */

/*
 * Bytes are looked at before they are converted, but COPY does both at once: which is the
 * first error of a line is sure only where nothing is converted, or where all bytes are
 * valid.
 */
static PGresult *
query_probe(const StageCopy *copy, ProbeKind kind)
{
    char *literal = stage_probe_create_quote_encoding(copy);
    char *state = mem_format(
        "CASE WHEN state OPERATOR(pg_catalog.=) '" SQLSTATE_UNTRANSLATABLE_CHARACTER "'"
        " OR pg_catalog.getdatabaseencoding()"
        " OPERATOR(pg_catalog.=) %s THEN state END",
        literal);
    char *sql = mem_format("SELECT record, field, %s, reason\n"
                           "  FROM pg_temp." PROBE_NAME "()\n"
                           " ORDER BY record",
                           kind == PROBE_BYTES ? state : "state");
    PGresult *result = db_try(copy->db, sql);

    free(sql);
    free(state);
    PQfreemem(literal);
    return result;
}

static bool
is_of_bytes(const char *sqlstate)
{
    static const char *const of_bytes[] = {SQLSTATE_CHARACTER_NOT_IN_REPERTOIRE,
                                           SQLSTATE_UNTRANSLATABLE_CHARACTER, NULL};

    return sqlstate_matches(sqlstate, of_bytes);
}

/* A stack that is too deep is the probe's own, perhaps. */
static bool
is_of_value(const char *sqlstate)
{
    return copy_error_classify(sqlstate) != COPY_ERROR_NOT_DATA &&
           strcmp(sqlstate, SQLSTATE_STATEMENT_TOO_COMPLEX) != 0;
}

static void
add_verdict(StageProbe *probe, StageVerdict verdict)
{
    MEM_GROW(probe->verdicts, probe->capacity, probe->n_verdicts);
    probe->verdicts[probe->n_verdicts++] = verdict;
}

static int
compare_verdicts(const void *left, const void *right)
{
    const StageVerdict *a = left;
    const StageVerdict *b = right;

    return a->line < b->line ? -1 : a->line > b->line;
}

static void
sort_verdicts(StageProbe *probe)
{
    if (probe->n_verdicts > 0)
        qsort(probe->verdicts, probe->n_verdicts, sizeof(*probe->verdicts),
              compare_verdicts);
}

static void
keep_verdicts(StageCopy *copy, ProbeKind kind, PGresult *result, size_t from)
{
    StageProbe *probe = &copy->probe;
    RowReader row = row_reader(result);

    for (size_t line = from; row_next(&row);)
    {
        int64_t record = row_int64(&row);
        StageVerdict verdict;

        while (line + 1 < copy->lines->n_lines &&
               stage_lines_get_record(copy, line) < record)
            line++;
        verdict.line = line;
        verdict.column = row_int(&row) - 1;
        verdict.sqlstate = row_text(&row);
        verdict.reason = row_text(&row);
        if (verdict.sqlstate == NULL || is_of_value(verdict.sqlstate))
            add_verdict(probe, verdict);
    }
    sort_verdicts(probe);
    PQclear(probe->results[kind]);
    probe->results[kind] = result;
}

/* ---- a probe */

static void
turn_off(StageCopy *copy, const PGresult *result)
{
    log_verbose("Bad rows of %s will be found one at a time: %s", copy->table->name,
                PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY));
    copy->probe.is_off = true;
}

/*
 * The line whose bytes are not valid, or NO_LINE: for other reasons (a row too big for a
 * table of texts) the server may name a later line, and such rows are few.
 */
static size_t
find_bad_bytes(StageCopy *copy, const PGresult *result, size_t from, size_t to)
{
    size_t number;

    if (!is_of_bytes(PQresultErrorField(result, PG_DIAG_SQLSTATE)) ||
        !copy_error_find_line(PQresultErrorField(result, PG_DIAG_CONTEXT), PROBE_NAME,
                              to - from, &number))
        return NO_LINE;
    copy->probe.has_bad_bytes = true;
    return stage_probe_find_sent(&copy->probe, from, number);
}

static size_t
probe_in_transaction(StageCopy *copy, ProbeKind kind, size_t from, size_t to)
{
    PGresult *result = send_probe_lines(copy, kind, from, to);

    if (!db_succeeded(result))
        to = find_bad_bytes(copy, result, from, to);
    else
    {
        PQclear(result);
        result = query_probe(copy, kind);
        if (db_succeeded(result))
        {
            keep_verdicts(copy, kind, result, from);
            return to;
        }
        turn_off(copy, result);
        to = NO_LINE;
    }
    PQclear(result);
    return to;
}

/* Returns to if it could be done; else the line that was in the way, or NO_LINE. */
static size_t
probe_lines(StageCopy *copy, ProbeKind kind, size_t from, size_t to)
{
    bool is_inside = copy->batch->stage_kind == STAGE_TEMPORARY;
    char **create = &copy->probe.create[kind];
    PQExpBufferData sql;
    PGresult *result;

    if (*create == NULL)
        *create = stage_probe_create(copy, kind);
    if (**create == '\0')
        return to;
    initPQExpBuffer(&sql);
    appendPQExpBuffer(&sql, "%s;\n%s", is_inside ? "SAVEPOINT " PROBE_NAME : "BEGIN",
                      *create);
    result = db_try(copy->db, sql.data);
    termPQExpBuffer(&sql);
    if (db_succeeded(result))
        to = probe_in_transaction(copy, kind, from, to);
    else
    {
        turn_off(copy, result);
        to = NO_LINE;
    }
    PQclear(result);
    db_execute(copy->db, is_inside ? "ROLLBACK TO SAVEPOINT " PROBE_NAME ";\n"
                                     "RELEASE SAVEPOINT " PROBE_NAME
                                   : "ROLLBACK");
    return to;
}

/* Has it a byte that is written as its number? COPY looks at these field by field. */
static bool
has_numbered_byte(const char *text, size_t length)
{
    const char *end = text + length;

    while ((text = memchr(text, '\\', (size_t)(end - text))) != NULL && end - text > 1)
    {
        if (text[1] == 'x' || (text[1] >= '0' && text[1] <= '7'))
            return true;
        text += 2;
    }
    return false;
}

static void
probe_bytes(StageCopy *copy, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
    {
        size_t length;
        const char *text = stage_lines_get(copy, i, &length);

        if (has_numbered_byte(text, length))
            add_verdict(&copy->probe, (StageVerdict){.line = i});
    }
    sort_verdicts(&copy->probe);
    (void)probe_lines(copy, PROBE_BYTES, from, to);
}

/*
 * Leaves a line that is in the way to COPY, if there are few, or ends the probe before
 * it. False if too little would be left of the probe.
 */
static bool
go_around(StageProbe *probe, size_t line, size_t from, size_t *to, int n_left)
{
    if (line != NO_LINE && n_left < MAX_LEFT)
    {
        add_verdict(probe, (StageVerdict){.line = line});
        sort_verdicts(probe);
        return true;
    }
    *to = line != NO_LINE ? line : from + (*to - from) / 2;
    return *to - from >= FIRST_SIZE / 2;
}

/* Returns before which line the probe could be done. */
static size_t
probe_values(StageCopy *copy, size_t from, size_t to)
{
    StageProbe *probe = &copy->probe;

    for (int n_left = 0; !probe->is_off; n_left++)
    {
        bool had_bad_bytes = probe->has_bad_bytes;
        size_t line = probe_lines(copy, PROBE_VALUES, from, to);

        if (line == to)
            return to;
        if (!had_bad_bytes && copy->probe.has_bad_bytes)
            probe_bytes(copy, from, to);
        else if (!go_around(probe, line, from, &to, n_left))
            break;
    }
    return from;
}

/* What is left to COPY is known to be neither bad nor good. */
static void
forget_left(StageProbe *probe)
{
    size_t n = 0;

    for (size_t i = 0; i < probe->n_verdicts; i++)
    {
        if (probe->verdicts[i].sqlstate != NULL)
            probe->verdicts[n++] = probe->verdicts[i];
    }
    probe->n_verdicts = n;
}

/* ---- when */

void
stage_probe_count_failure(StageProbe *probe, size_t line, const char *sqlstate)
{
    if (is_of_bytes(sqlstate))
        probe->has_bad_bytes = true;
    if (probe->n_failures == 0 || line - probe->first_failure > MAX_DISTANCE)
    {
        probe->first_failure = line;
        probe->n_failures = 0;
    }
    if (++probe->n_failures >= (size_t)MIN_FAILURES << probe->n_vain && probe->size == 0)
        probe->size = FIRST_SIZE;
}

size_t
stage_probe_ahead(StageCopy *copy, size_t from, size_t to)
{
    StageProbe *probe = &copy->probe;
    size_t n_wanted = to - from < probe->size ? to - from : probe->size;
    size_t n;

    if (probe->is_off || from < probe->end || n_wanted < FIRST_SIZE / 2)
        return 0;
    stage_probe_reset(probe);
    if (probe->has_bad_bytes)
        probe_bytes(copy, from, from + n_wanted);
    n = probe_values(copy, from, from + n_wanted) - from;
    forget_left(probe);
    probe->end = from + n;
    if (n > 0 && probe->n_verdicts >= n / WORTH)
    {
        probe->size = n_wanted * GROWTH;
        probe->n_vain = 0;
    }
    else
    {
        probe->size = 0;
        probe->n_vain += probe->n_vain < MAX_VAIN ? 1 : 0;
    }
    return n;
}
