#include "load/source/json_split.h"

#include <stdio.h>
#include <string.h>

typedef enum Place
{
    AT_RECORD,      /* blanks, and then a record */
    AT_ELEMENT,     /* the same after "[": the array may be empty */
    BEHIND_COMMA,   /* the same after ",": there must be an element */
    BEHIND_ELEMENT, /* of the array */
    IN_NESTED,
    IN_STRING,
    IN_WORD /* a number, true, or anything else */
} Place;

void
json_split_init(JsonSplit *split, bool is_lines)
{
    *split = (JsonSplit){.is_lines = is_lines, .place = AT_RECORD, .next_line = 1};
}

static uint64_t
count_newlines(const char *text, size_t length)
{
    const char *end = text + length;
    uint64_t n = 0;

    while (text < end && (text = memchr(text, '\n', (size_t)(end - text))) != NULL)
    {
        n++;
        text++;
    }
    return n;
}

static bool
is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* ---- what a call returns */

/* Bytes before the end are done with. */
static JsonSplitStatus
use_bytes(JsonSplit *split, const char *text, size_t end, JsonSplitStatus status)
{
    split->next_line += count_newlines(text, end);
    split->n_used = end;
    split->at -= end;
    return status;
}

/* The record ends before "at". */
static JsonSplitStatus
end_value(JsonSplit *split, const char *text)
{
    split->length = split->at - split->start;
    split->line = split->next_line + count_newlines(text, split->start);
    split->place = split->is_in_array ? BEHIND_ELEMENT : AT_RECORD;
    split->depth = 0;
    return use_bytes(split, text, split->at, SPLIT_RECORD);
}

static JsonSplitStatus
fail_split(JsonSplit *split, const char *text, size_t at, const char *problem)
{
    split->line = split->next_line + count_newlines(text, at);
    split->n_used = 0;
    snprintf(split->problem, sizeof(split->problem), "%s", problem);
    return SPLIT_ERROR;
}

static JsonSplitStatus
fail_at(JsonSplit *split, const char *text, const char *where)
{
    char problem[sizeof(split->problem)];

    snprintf(problem, sizeof(problem), "\"%c\" %s", text[split->at], where);
    return fail_split(split, text, split->at, problem);
}

/* ---- within a record */

/* To the end of the string, behind its quote; false: it is not there yet. */
static bool
pass_string(JsonSplit *split, const char *text, size_t length)
{
    size_t at = split->at;

    for (; at < length; at++)
    {
        if (split->is_escaped)
            split->is_escaped = false;
        else if (text[at] == '\\')
            split->is_escaped = true;
        else if (text[at] == '"')
            break;
    }
    split->at = at < length ? at + 1 : at;
    if (at < length)
        split->place = IN_NESTED;
    return at < length;
}

static void
open_bracket(JsonSplit *split, char bracket)
{
    if (split->depth < JSON_MAX_DEPTH)
        split->is_object[split->depth] = bracket == '{';
    split->depth++;
}

/* False if it is not of the kind of the bracket that it closes. */
static bool
close_bracket(JsonSplit *split, char bracket)
{
    split->depth--;
    return split->depth >= JSON_MAX_DEPTH ||
           split->is_object[split->depth] == (bracket == '}');
}

static JsonSplitStatus
pass_nested(JsonSplit *split, const char *text, size_t length)
{
    while (split->at < length)
    {
        char c = text[split->at];

        if (split->place == IN_STRING)
        {
            if (!pass_string(split, text, length))
                break;
            if (split->depth == 0)
                return end_value(split, text);
            continue;
        }
        if (c == '"')
            split->place = IN_STRING;
        else if (c == '{' || c == '[')
            open_bracket(split, c);
        else if ((c == '}' || c == ']') && !close_bracket(split, c))
            return fail_at(split, text, "does not close the last open bracket");
        split->at++;
        if (split->depth == 0 && split->place == IN_NESTED)
            return end_value(split, text);
    }
    return SPLIT_MORE;
}

static JsonSplitStatus
pass_word(JsonSplit *split, const char *text, size_t length, bool is_at_end)
{
    while (split->at < length && !is_blank(text[split->at]) &&
           memchr(",:[]{}\"", text[split->at], 7) == NULL)
        split->at++;
    return split->at < length || is_at_end ? end_value(split, text) : SPLIT_MORE;
}

/* ---- between records */

static JsonSplitStatus
begin_record(JsonSplit *split, const char *text)
{
    char c = text[split->at];

    split->start = split->at;
    split->is_escaped = false;
    split->place = c == '{' || c == '[' ? IN_NESTED : c == '"' ? IN_STRING : IN_WORD;
    if (c == '"')
        split->at++;
    return SPLIT_MORE;
}

/* The element that a comma stands for is missing. */
static JsonSplitStatus
miss_element(JsonSplit *split, const char *text)
{
    split->start = split->at;
    if (text[split->at] == ',')
        split->at++;
    split->length = 0;
    split->line = split->next_line + count_newlines(text, split->start);
    split->place = split->place == BEHIND_COMMA && text[split->start] == ']'
                       ? BEHIND_ELEMENT
                       : BEHIND_COMMA;
    return use_bytes(split, text, split->at, SPLIT_RECORD);
}

static JsonSplitStatus
pass_top(JsonSplit *split, const char *text)
{
    char c = text[split->at];

    if (c == '[')
    {
        split->is_in_array = true;
        split->place = AT_ELEMENT;
        split->at++;
        return SPLIT_MORE;
    }
    if (memchr(",:]}", c, 4) != NULL)
        return fail_at(split, text, "is where a record should begin");
    return begin_record(split, text);
}

static JsonSplitStatus
pass_in_array(JsonSplit *split, const char *text)
{
    char c = text[split->at];

    if (c == ']' && split->place != BEHIND_COMMA)
    {
        split->is_in_array = false;
        split->place = AT_RECORD;
        split->at++;
        return SPLIT_MORE;
    }
    if (split->place == BEHIND_ELEMENT)
    {
        if (c != ',')
            return fail_at(split, text,
                           "is where a comma or the end of the array should be");
        split->place = BEHIND_COMMA;
        split->at++;
        return SPLIT_MORE;
    }
    if (c == ',' || c == ']')
        return miss_element(split, text);
    if (c == ':' || c == '}')
        return fail_at(split, text, "is where an element should begin");
    return begin_record(split, text);
}

/* What a byte between records is. */
static JsonSplitStatus
pass_between(JsonSplit *split, const char *text, size_t length)
{
    while (split->at < length && is_blank(text[split->at]))
        split->at++;
    if (split->at == length)
        return SPLIT_MORE;
    return split->is_in_array ? pass_in_array(split, text) : pass_top(split, text);
}

static bool
is_in_record(const JsonSplit *split)
{
    return split->place == IN_NESTED || split->place == IN_STRING ||
           split->place == IN_WORD;
}

static JsonSplitStatus
end_text(JsonSplit *split, const char *text, size_t length, bool is_at_end)
{
    if (!is_at_end && !is_in_record(split))
        return use_bytes(split, text, length, SPLIT_MORE);
    split->n_used = 0;
    if (!is_at_end)
        return SPLIT_MORE;
    if (split->place == IN_STRING)
        return fail_split(split, text, split->start,
                          "a string of the record is not closed");
    if (split->place == IN_NESTED)
        return fail_split(split, text, split->start,
                          "a bracket of the record is not closed");
    if (split->is_in_array)
        return fail_split(split, text, length, "the array of the records is not closed");
    return SPLIT_END;
}

static JsonSplitStatus
next_value(JsonSplit *split, const char *text, size_t length, bool is_at_end)
{
    JsonSplitStatus status = SPLIT_MORE;

    while (split->at < length && status == SPLIT_MORE)
    {
        if (split->place == IN_WORD)
            status = pass_word(split, text, length, is_at_end);
        else if (is_in_record(split))
            status = pass_nested(split, text, length);
        else
            status = pass_between(split, text, length);
    }
    if (status != SPLIT_MORE)
        return status;
    if (split->place == IN_WORD && is_at_end)
        return end_value(split, text);
    return end_text(split, text, length, is_at_end);
}

/* ---- JSON lines */

/* The line without blanks around it; SPLIT_MORE if there is nothing else. */
static JsonSplitStatus
trim_line(JsonSplit *split, const char *text, size_t length)
{
    size_t start = 0;

    while (start < length && is_blank(text[start]))
        start++;
    while (length > start && is_blank(text[length - 1]))
        length--;
    split->start = start;
    split->length = length - start;
    split->line = split->next_line;
    return start < length ? SPLIT_RECORD : SPLIT_MORE;
}

static JsonSplitStatus
next_json_line(JsonSplit *split, const char *text, size_t length, bool is_at_end)
{
    size_t begin = 0;

    while (begin < length)
    {
        size_t from = split->at > begin ? split->at : begin;
        const char *end = memchr(text + from, '\n', length - from);
        size_t n = end != NULL ? (size_t)(end - text) - begin : length - begin;

        if (end == NULL && !is_at_end)
            break;
        split->at = begin + n + (end != NULL ? 1 : 0);
        if (trim_line(split, text + begin, n) == SPLIT_RECORD)
        {
            split->start += begin;
            split->line += count_newlines(text, begin);
            return use_bytes(split, text, split->at, SPLIT_RECORD);
        }
        begin = split->at;
    }
    split->at = length;
    return use_bytes(split, text, begin, is_at_end ? SPLIT_END : SPLIT_MORE);
}

JsonSplitStatus
json_split_next(JsonSplit *split, const char *text, size_t length, bool is_at_end)
{
    return (split->is_lines ? next_json_line : next_value)(split, text, length,
                                                           is_at_end);
}
