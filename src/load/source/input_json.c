/*
 * JSON, and JSON lines. Of the source no more than a record is in memory, with what was
 * read with it: the buffer doubles while a record is longer than half of it.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "load/source/input_internal.h"
#include "load/source/json_line.h"
#include "load/source/json_record.h"
#include "load/source/json_split.h"

enum
{
    FIRST_SIZE = 64 * 1024,
    LONGEST_RAW = 1024 * 1024, /* of a record that is kept to be shown */
    LONGEST = 1024 * 1024 * 1024
};

typedef struct Json
{
    char *buffer;
    size_t size;
    size_t start; /* of the bytes that are still to be read */
    size_t end;
    bool is_at_end; /* of the source */
    bool has_begun;
    JsonSplit split;
    JsonRecord *record; /* NULL: nothing was projected yet */
    JsonLine *line;
} Json;

static void *
open_json(Input *input)
{
    Json *json = mem_alloc_zero(1, sizeof(Json));

    json_split_init(&json->split, input->format == INPUT_JSONL);
    json->size = FIRST_SIZE;
    json->buffer = mem_alloc(json->size);
    return json;
}

static void
close_json(void *state)
{
    Json *json = state;

    json_record_free(json->record);
    json_line_free(json->line);
    free(json->buffer);
    free(json);
}

/* ---- bytes */

static bool
fail_at_record(const Input *input, const Json *json, Diag *diag, const char *problem)
{
    return input_fail(input, json->split.line, diag, "record %" PRIu64 ": %s",
                      input->record + 1, problem);
}

static bool
read_more(Input *input, Json *json, Diag *diag)
{
    size_t left = json->end - json->start;
    size_t n_read;

    if (left > LONGEST)
    {
        json->split.line = json->split.next_line;
        return fail_at_record(input, json, diag, "it has more than 1 GB");
    }
    memmove(json->buffer, json->buffer + json->start, left);
    json->start = 0;
    json->end = left;
    if (left > json->size / 2)
    {
        json->buffer = mem_resize(json->buffer, json->size, 2);
        json->size *= 2;
    }
    if (!input_read_bytes(input, json->buffer + left, json->size - left, &n_read, diag))
        return false;
    json->end += n_read;
    json->is_at_end = n_read == 0;
    return true;
}

/* The first two characters of JSON are ASCII. */
static bool
is_wide(const char *text, size_t length)
{
    return length >= 2 &&
           (text[0] == '\0' || text[1] == '\0' || memcmp(text, "\xff\xfe", 2) == 0 ||
            memcmp(text, "\xfe\xff", 2) == 0);
}

static bool
skip_mark(Input *input, Json *json, Diag *diag)
{
    while (json->end < 3 && !json->is_at_end)
    {
        if (!read_more(input, json, diag))
            return false;
    }
    if (json->end >= 3 && memcmp(json->buffer, "\xef\xbb\xbf", 3) == 0)
        json->start = 3;
    if (!is_wide(json->buffer, json->end))
        return true;
    diag_set_hint(diag, "Convert it with \"iconv -f UTF-16 -t UTF-8\".");
    return input_fail(input, 1, diag, "the text is in UTF-16 or UTF-32, not in UTF-8");
}

/* ---- records */

static InputStatus
next_json_table(Input *input, InputTable *table, Diag *diag)
{
    Json *json = input->state;

    input->is_table_at_end = json->has_begun;
    if (json->has_begun)
        return INPUT_END;
    json->has_begun = true;
    table->has_members = true;
    return skip_mark(input, json, diag) ? INPUT_TABLE : INPUT_ERROR;
}

static void
need_line(const Input *input, Json *json)
{
    JsonHandler handler;

    if (json->line != NULL)
        return;
    json->line = json_line_new(input->members);
    handler = json_line_get_handler(json->line);
    json->record = json_record_new(&handler, input->members->envelope);
}

static void
take_json_record(Input *input, Json *json, const char *text, size_t length)
{
    Lines *lines = input->lines;
    char *reason;

    input->record++;
    if (input->members == NULL)
        return;
    need_line(input, json);
    lines->source_line = json->split.line;
    json_line_begin(json->line);
    reason = json_record_read(json->record, text, length);
    if (reason == NULL && length <= LONGEST_RAW)
        lines_keep_raw(lines, text, length);
    if (reason == NULL)
        reason = json_line_end(json->line, input_get_number(input), lines);
    if (reason != NULL)
        lines_add_reject(lines, input_get_number(input), mem_copy_part(text, length),
                         reason);
}

static bool
fill_json(Input *input, Diag *diag)
{
    Json *json = input->state;

    while (!input_is_full(input))
    {
        JsonSplit *split = &json->split;
        const char *text = json->buffer + json->start;
        JsonSplitStatus status =
            json_split_next(split, text, json->end - json->start, json->is_at_end);

        if (status == SPLIT_ERROR)
            return fail_at_record(input, json, diag, split->problem);
        json->start += split->n_used;
        if (status == SPLIT_RECORD)
            take_json_record(input, json, text + split->start, split->length);
        else if (status == SPLIT_MORE && !read_more(input, json, diag))
            return false;
        input->is_table_at_end = status == SPLIT_END;
        if (status == SPLIT_END)
            break;
    }
    return true;
}

const InputReader json_reader = {open_json, next_json_table, fill_json, close_json};
