#include "load/source/json_array.h"

#include <stdbool.h>
#include <stdlib.h>
#include <yajl/yajl_parse.h>

#include "base/mem.h"

typedef struct ArrayWriter
{
    yajl_handle yajl;
    PQExpBuffer out;
    const char *text;
    JsonKind kind;
    char delimiter;
    size_t depth;     /* of the value in the array */
    size_t raw_depth; /* an element is copied as it is until this depth; 0: none is */
    size_t raw_start;
    char *reason;
} ArrayWriter;

static void
append_delimiter(const ArrayWriter *writer)
{
    char last = writer->out->data[writer->out->len - 1];

    if (last != '{')
        appendPQExpBufferChar(writer->out, writer->delimiter);
}

static void
append_quoted_element(PQExpBuffer out, const char *text, size_t length)
{
    size_t done = 0;

    appendPQExpBufferChar(out, '"');
    for (size_t i = 0; i < length; i++)
    {
        if (text[i] != '"' && text[i] != '\\')
            continue;
        appendBinaryPQExpBuffer(out, text + done, i - done);
        appendPQExpBufferChar(out, '\\');
        done = i;
    }
    appendBinaryPQExpBuffer(out, text + done, length - done);
    appendPQExpBufferChar(out, '"');
}

static void
append_bare(const ArrayWriter *writer, const char *text, size_t length)
{
    append_delimiter(writer);
    appendBinaryPQExpBuffer(writer->out, text, length);
}

/* Elements that are JSON are quoted as they are written. */
static void
append_raw(const ArrayWriter *writer, size_t start)
{
    size_t end = yajl_get_bytes_consumed(writer->yajl);

    append_delimiter(writer);
    append_quoted_element(writer->out, writer->text + start, end - start);
}

static int
take_element_null(void *context)
{
    const ArrayWriter *writer = context;

    if (writer->raw_depth == 0)
        append_bare(writer, "NULL", 4);
    return 1;
}

static int
take_element_boolean(void *context, int value)
{
    const ArrayWriter *writer = context;

    if (writer->raw_depth == 0)
        append_bare(writer, value != 0 ? "true" : "false", value != 0 ? 4 : 5);
    return 1;
}

static int
take_element_number(void *context, const char *text, size_t length)
{
    const ArrayWriter *writer = context;

    if (writer->raw_depth == 0)
        append_bare(writer, text, length);
    return 1;
}

/* The quote that begins the string, of which the last one was read. */
static size_t
find_string(const ArrayWriter *writer)
{
    size_t start = yajl_get_bytes_consumed(writer->yajl) - 1;

    for (;;)
    {
        size_t n_before = 0;

        while (writer->text[--start] != '"')
            continue;
        while (writer->text[start - n_before - 1] == '\\')
            n_before++;
        if (n_before % 2 == 0)
            return start;
    }
}

static int
take_element_string(void *context, const unsigned char *text, size_t length)
{
    const ArrayWriter *writer = context;

    if (writer->raw_depth > 0)
        return 1;
    if (writer->kind == JSON_KIND_JSON)
    {
        append_raw(writer, find_string(writer));
        return 1;
    }
    append_delimiter(writer);
    append_quoted_element(writer->out, (const char *)text, length);
    return 1;
}

/* ---- objects and arrays in it */

static int
begin_raw(ArrayWriter *writer)
{
    writer->raw_start = yajl_get_bytes_consumed(writer->yajl) - 1;
    writer->raw_depth = writer->depth++;
    return 1;
}

static int
open_element_object(void *context)
{
    ArrayWriter *writer = context;

    if (writer->raw_depth > 0)
    {
        writer->depth++;
        return 1;
    }
    if (writer->kind != JSON_KIND_SCALAR)
        return begin_raw(writer);
    writer->reason = mem_copy_string("an object cannot be an element of the array");
    return 0;
}

static int
open_element_array(void *context)
{
    ArrayWriter *writer = context;

    if (writer->raw_depth == 0 && writer->kind == JSON_KIND_JSON && writer->depth > 0)
        return begin_raw(writer);
    if (writer->raw_depth == 0)
    {
        if (writer->depth > 0)
            append_delimiter(writer);
        appendPQExpBufferChar(writer->out, '{');
    }
    writer->depth++;
    return 1;
}

static int
close_element(void *context)
{
    ArrayWriter *writer = context;

    writer->depth--;
    if (writer->raw_depth > 0 && writer->depth == writer->raw_depth)
    {
        writer->raw_depth = 0;
        append_raw(writer, writer->raw_start);
    }
    else if (writer->raw_depth == 0)
        appendPQExpBufferChar(writer->out, '}');
    return 1;
}

char *
json_array_append(PQExpBuffer out, const char *text, size_t length, JsonKind kind,
                  char delimiter)
{
    static const yajl_callbacks callbacks = {
        .yajl_null = take_element_null,
        .yajl_boolean = take_element_boolean,
        .yajl_number = take_element_number,
        .yajl_string = take_element_string,
        .yajl_start_map = open_element_object,
        .yajl_end_map = close_element,
        .yajl_start_array = open_element_array,
        .yajl_end_array = close_element,
    };
    ArrayWriter writer = {.out = out, .text = text, .kind = kind, .delimiter = delimiter};

    writer.yajl = yajl_alloc(&callbacks, NULL, &writer);
    if (writer.yajl == NULL)
        mem_die();
    yajl_config(writer.yajl, yajl_dont_validate_strings, 1);
    if (yajl_parse(writer.yajl, (const unsigned char *)text, length) != yajl_status_ok &&
        writer.reason == NULL)
        writer.reason = mem_copy_string("the array is not valid JSON");
    yajl_free(writer.yajl);
    return writer.reason;
}
