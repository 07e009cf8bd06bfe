/* Lines that are being sent: where each is, and the number of its record in the batch. */
#include "db/db.h"
#include "load/stage/stage_internal.h"

size_t
stage_lines_get_start(const Lines *lines, size_t line)
{
    return line > 0 ? lines->ends[line - 1] : 0;
}

void
stage_lines_send(const StageCopy *copy, size_t from, size_t to)
{
    const Lines *lines = copy->lines;
    size_t end = to > from ? lines->ends[to - 1] : 0;

    for (size_t start = stage_lines_get_start(lines, from); start < end;
         start += STAGE_PIECE_SIZE)
        db_copy_in(copy->db, lines->text.data + start,
                   end - start < STAGE_PIECE_SIZE ? end - start : STAGE_PIECE_SIZE);
}

const char *
stage_lines_get(const StageCopy *copy, size_t line, size_t *length)
{
    size_t start = stage_lines_get_start(copy->lines, line);

    *length = copy->lines->ends[line] - start;
    return copy->lines->text.data + start;
}

int64_t
stage_lines_get_record(const StageCopy *copy, size_t line)
{
    return (int64_t)copy->lines->records[line];
}
