#include "load/source/json_record.h"

#include <stdlib.h>
#include <string.h>
#include <yajl/yajl_parse.h>

#include "base/mem.h"
#include "base/strbuf.h"
#include "load/source/json_bytes.h"
#include "load/source/json_split.h"

struct JsonRecord
{
    JsonHandler handler;
    const char *envelope;
    yajl_handle yajl; /* NULL after an error */
    const char *text;
    size_t length;
    int depth;
    int level;       /* depth of the members: 1, or 2 in an envelope */
    bool is_in_data; /* the value of the envelope's member comes, or came */
    bool has_data;   /* there is an envelope */
    bool is_member;  /* the next value is that of the member with this name: */
    PQExpBufferData name;
    size_t value_start; /* of a nested member */
    size_t value_after; /* where the name ends */
    bool is_complete;
    char *reason;
};

/* ---- where yajl is */

static size_t
get_offset(const JsonRecord *record)
{
    return yajl_get_bytes_consumed(record->yajl);
}

/* Where the value begins, behind a name and its colon. */
static size_t
find_json_value(const JsonRecord *record)
{
    size_t at = record->value_after;

    while (strchr(" \t\r\n:", record->text[at]) != NULL)
        at++;
    return at;
}

/* ---- members */

static bool
is_envelope(const JsonRecord *record)
{
    return record->envelope != NULL && record->depth == 1 &&
           record->name.len == strlen(record->envelope) &&
           memcmp(record->name.data, record->envelope, record->name.len) == 0;
}

/* Ends the reading; the first reason counts. */
static int
stop(JsonRecord *record, char *reason)
{
    free(record->reason);
    record->reason = reason;
    return 0;
}

static void
give_member(JsonRecord *record, JsonType type, const char *text, size_t length,
            size_t start)
{
    const JsonValue value = {.type = type,
                             .text = text,
                             .length = length,
                             .raw = record->text + start,
                             .raw_length = get_offset(record) - start};

    record->is_member = false;
    if (record->reason == NULL)
        record->reason =
            record->handler.member(record->handler.context, record->name.data,
                                   record->name.len, &value);
}

static int
stop_no_object(JsonRecord *record)
{
    return stop(record, mem_format("member \"%s\" is not an object", record->envelope));
}

static int
take_scalar(JsonRecord *record, JsonType type, const char *text, size_t length)
{
    size_t start;

    if (record->is_in_data && record->depth == 1 && record->is_member)
        return stop_no_object(record);
    if (!record->is_member || record->depth != record->level)
        return 1;
    start = find_json_value(record);
    if (text == NULL)
    {
        text = record->text + start;
        length = get_offset(record) - start;
    }
    give_member(record, type, text, length, start);
    return 1;
}

static int
take_null(void *context)
{
    return take_scalar(context, JSON_NULL, NULL, 0);
}

static int
take_boolean(void *context, int value)
{
    (void)value;
    return take_scalar(context, JSON_BOOLEAN, NULL, 0);
}

static int
take_json_number(void *context, const char *text, size_t length)
{
    return take_scalar(context, JSON_NUMBER, text, length);
}

static int
take_string(void *context, const unsigned char *text, size_t length)
{
    return take_scalar(context, JSON_STRING, (const char *)text, length);
}

/* ---- names and brackets */

static int
begin_data(JsonRecord *record)
{
    if (record->has_data)
        return stop(record, mem_format("member \"%s\" occurs twice", record->envelope));
    record->has_data = true;
    record->is_in_data = true;
    record->is_member = true;
    record->level = 2;
    free(record->reason);
    record->reason = NULL;
    record->handler.withdraw(record->handler.context);
    return 1;
}

static int
take_member_name(void *context, const unsigned char *name, size_t length)
{
    JsonRecord *record = context;

    if (record->depth > 2 || (record->depth != record->level && record->depth != 1) ||
        (record->depth == 2 && !record->is_in_data))
        return 1;
    resetPQExpBuffer(&record->name);
    appendBinaryPQExpBuffer(&record->name, (const char *)name, length);
    record->value_after = get_offset(record);
    if (is_envelope(record))
        return begin_data(record);
    record->is_member = record->depth == record->level;
    return 1;
}

static int
open_nested(JsonRecord *record, bool is_object)
{
    if (record->depth == JSON_MAX_DEPTH)
        return stop(record,
                    mem_format("it is nested deeper than %d levels", JSON_MAX_DEPTH));
    if (record->is_in_data && record->depth == 1 && record->is_member)
    {
        if (!is_object)
            return stop_no_object(record);
        record->is_member = false;
    }
    else if (record->is_member && record->depth == record->level)
        record->value_start = get_offset(record) - 1;
    record->depth++;
    return 1;
}

static int
close_nested(JsonRecord *record, JsonType type)
{
    record->depth--;
    if (record->is_member && record->depth == record->level)
        give_member(record, type, record->text + record->value_start,
                    get_offset(record) - record->value_start, record->value_start);
    else if (record->depth == 1)
        record->is_in_data = false;
    if (record->depth > 0)
        return 1;
    record->is_complete = true;
    if (get_offset(record) == record->length)
        return 1;
    return stop(record,
                mem_format("there is more after the record in its line, at byte %zu",
                           get_offset(record) + 1));
}

static int
open_object(void *context)
{
    return open_nested(context, true);
}

static int
close_object(void *context)
{
    return close_nested(context, JSON_OBJECT);
}

static int
open_json_list(void *context)
{
    return open_nested(context, false);
}

static int
close_list(void *context)
{
    return close_nested(context, JSON_LIST);
}

/* ---- errors */

const char *
json_record_describe_error(const char *error)
{
    static const struct
    {
        const char *part;
        const char *words;
    } known[] = {
        {"invalid char in json text", "invalid character"},
        {"invalid string in json text", "invalid word"},
        {"invalid bytes in UTF8", "invalid UTF-8"},
        {"which it may not", "a backslash is before a character that it cannot escape"},
        {"non-hex", "\\u is not followed by four hexadecimal digits"},
        {"invalid character inside string", "control character in a string"},
        {"probable comment", "comments are not allowed"},
        {"malformed number", "invalid number"},
        {"must be a string", "the name of a member is missing, or no string"},
        {"separated by a colon", "a colon is missing between name and value"},
        {"inside map", "a comma or the end of the object is missing"},
        {"after array element", "a comma or the end of the array is missing"},
        {"unallowed token", "a value is missing"},
        {"premature EOF", "it is not complete"},
    };

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
    {
        if (strstr(error, known[i].part) != NULL)
            return known[i].words;
    }
    return "it is not valid JSON";
}

/* yajl stops before what is wrong, or behind it. */
static char *
describe_yajl_error(JsonRecord *record)
{
    size_t offset = get_offset(record);
    unsigned char *error = yajl_get_error(record->yajl, 0, NULL, 0);
    char *reason = mem_format("invalid JSON near byte %zu: %s", offset,
                              json_record_describe_error((const char *)error));

    yajl_free_error(record->yajl, error);
    return reason;
}

/* ---- a record */

JsonRecord *
json_record_new(const JsonHandler *handler, const char *envelope)
{
    JsonRecord *record = mem_alloc_zero(1, sizeof(*record));

    record->handler = *handler;
    record->envelope = envelope;
    initPQExpBuffer(&record->name);
    return record;
}

static void
drop_yajl(JsonRecord *record)
{
    if (record->yajl != NULL)
        yajl_free(record->yajl);
    record->yajl = NULL;
}

void
json_record_free(JsonRecord *record)
{
    if (record == NULL)
        return;
    drop_yajl(record);
    termPQExpBuffer(&record->name);
    free(record);
}

/* One parser takes records until one is bad. */
static void
need_yajl(JsonRecord *record)
{
    static const yajl_callbacks callbacks = {
        .yajl_null = take_null,
        .yajl_boolean = take_boolean,
        .yajl_number = take_json_number,
        .yajl_string = take_string,
        .yajl_start_map = open_object,
        .yajl_map_key = take_member_name,
        .yajl_end_map = close_object,
        .yajl_start_array = open_json_list,
        .yajl_end_array = close_list,
    };

    if (record->yajl != NULL)
        return;
    record->yajl = yajl_alloc(&callbacks, NULL, record);
    if (record->yajl == NULL)
        mem_die();
    yajl_config(record->yajl, yajl_allow_multiple_values, 1);
    yajl_config(record->yajl, yajl_dont_validate_strings, 1);
}

static void
begin(JsonRecord *record, const char *text, size_t length)
{
    record->text = text;
    record->length = length;
    record->depth = 0;
    record->level = 1;
    record->is_in_data = false;
    record->has_data = false;
    record->is_member = false;
    record->is_complete = false;
    record->reason = NULL;
}

char *
json_record_read(JsonRecord *record, const char *text, size_t length)
{
    size_t offset;
    const char *problem;
    yajl_status status;

    if (length == 0)
        return mem_copy_string("there is no element before or after a comma");
    if (length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
        return mem_copy_string("a byte order mark can only be at the beginning");
    problem = json_bytes_check(text, length, &offset);
    if (problem != NULL)
        return mem_format("invalid JSON at byte %zu: %s", offset + 1, problem);
    if (*text != '{')
        return mem_copy_string("the record is not an object");
    need_yajl(record);
    begin(record, text, length);
    status = yajl_parse(record->yajl, (const unsigned char *)text, length);
    if (status == yajl_status_error)
        (void)stop(record, describe_yajl_error(record));
    else if (status == yajl_status_ok && !record->is_complete)
        (void)stop(record, mem_copy_string("invalid JSON: its line ends before it does"));
    if (status != yajl_status_ok || !record->is_complete)
        drop_yajl(record);
    return record->reason;
}
