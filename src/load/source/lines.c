#include "load/source/lines.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void
lines_init(Lines *lines)
{
    *lines = (Lines){0};
    initPQExpBuffer(&lines->text);
    initPQExpBuffer(&lines->raw);
}

void
lines_reset(Lines *lines)
{
    for (size_t i = 0; i < lines->n_rejects; i++)
    {
        free(lines->rejects[i].raw);
        free(lines->rejects[i].reason);
    }
    lines->n_rejects = 0;
    lines->reject_bytes = 0;
    lines->n_lines = 0;
    lines->n_lines_moved = 0;
    lines->n_rejects_moved = 0;
    resetPQExpBuffer(&lines->text);
    resetPQExpBuffer(&lines->raw);
}

void
lines_free(Lines *lines)
{
    lines_reset(lines);
    termPQExpBuffer(&lines->text);
    termPQExpBuffer(&lines->raw);
    free(lines->raw_ends);
    free(lines->ends);
    free(lines->records);
    free(lines->source_lines);
    free(lines->rejects);
    *lines = (Lines){0};
}

void
lines_end_line(Lines *lines, uint64_t record)
{
    if (lines->n_lines == lines->capacity)
    {
        lines->capacity = lines->capacity > 0 ? 2 * lines->capacity : 1024;
        lines->ends = mem_resize(lines->ends, lines->capacity, sizeof(size_t));
        lines->raw_ends = mem_resize(lines->raw_ends, lines->capacity, sizeof(size_t));
        lines->records = mem_resize(lines->records, lines->capacity, sizeof(uint64_t));
        lines->source_lines =
            mem_resize(lines->source_lines, lines->capacity, sizeof(uint64_t));
    }
    lines->ends[lines->n_lines] = lines->text.len;
    lines->raw_ends[lines->n_lines] = lines->raw.len;
    lines->records[lines->n_lines] = record;
    lines->source_lines[lines->n_lines] = lines->source_line;
    lines->source_line = 0;
    lines->n_lines++;
}

void
lines_keep_raw(Lines *lines, const char *text, size_t length)
{
    appendBinaryPQExpBuffer(&lines->raw, text, length);
}

const char *
lines_get_raw(const Lines *lines, size_t line, size_t *length)
{
    size_t start = line > 0 ? lines->raw_ends[line - 1] : 0;

    *length = lines->raw_ends[line] - start;
    return *length > 0 ? lines->raw.data + start : NULL;
}

void
lines_add_reject(Lines *lines, uint64_t record, char *raw, char *reason)
{
    MEM_GROW(lines->rejects, lines->reject_capacity, lines->n_rejects);
    lines->rejects[lines->n_rejects++] = (RejectedRecord){.record = record,
                                                          .line = lines->source_line,
                                                          .raw = raw,
                                                          .reason = reason};
    lines->source_line = 0;
    lines->reject_bytes += strlen(raw) + strlen(reason);
}

size_t
lines_count_bytes(const Lines *lines)
{
    return lines->text.len + lines->reject_bytes + lines->raw.len;
}

bool
lines_are_full(const Lines *lines, size_t max_rows, size_t max_bytes)
{
    return lines->n_lines + lines->n_rejects >= max_rows ||
           lines_count_bytes(lines) >= max_bytes;
}

static void
move_line(Lines *from, size_t i, Lines *to)
{
    size_t start = i > 0 ? from->ends[i - 1] : 0;
    size_t n_raw;
    const char *raw = lines_get_raw(from, i, &n_raw);

    if (raw != NULL)
        lines_keep_raw(to, raw, n_raw);
    appendBinaryPQExpBuffer(&to->text, from->text.data + start, from->ends[i] - start);
    to->source_line = from->source_lines[i];
    lines_end_line(to, from->records[i]);
}

static void
move_reject(Lines *from, size_t i, Lines *to)
{
    RejectedRecord *moved = &from->rejects[i];

    to->source_line = moved->line;
    lines_add_reject(to, moved->record, moved->raw, moved->reason);
    moved->raw = NULL;
    moved->reason = NULL;
}

void
lines_move(Lines *from, Lines *to, size_t max_rows, size_t max_bytes)
{
    while (!lines_are_full(to, max_rows, max_bytes))
    {
        bool has_line = from->n_lines_moved < from->n_lines;
        bool has_reject = from->n_rejects_moved < from->n_rejects;

        if (!has_line && !has_reject)
            break;
        if (has_line && (!has_reject || from->records[from->n_lines_moved] <
                                            from->rejects[from->n_rejects_moved].record))
            move_line(from, from->n_lines_moved++, to);
        else
            move_reject(from, from->n_rejects_moved++, to);
    }
    if (from->n_lines_moved < from->n_lines || from->n_rejects_moved < from->n_rejects)
        return;
    lines_reset(from);
}
