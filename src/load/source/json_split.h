/*
 * Cuts bytes of JSON into records. A record is a value of the top level (values may
 * follow each other), or an element of an array of the top level, which is never in
 * memory as a whole; or, of JSON lines, a line that is not blank.
 *
 * Only strings and brackets are looked at: a record ends where the bracket that began it
 * is closed by one of its kind. So the boundaries of a record that is no JSON are still
 * certain, and it alone is rejected, as long as its strings and brackets are closed. For
 * example, {"a":1,} NaN [{"b":01},] are four records, none of which is good; the last one
 * is the empty one after the comma. What makes boundaries uncertain is an error:
 *
 *     - a bracket that is closed by one of the other kind
 *     - a string or bracket that is not closed at the end
 *     - a comma, colon or closing bracket where a record should begin
 *     - two elements of an array without a comma between them
 *
 * A line of JSON lines ends the record in any case.
 *
 * Bytes are looked at once, whatever chunks they come in. Below JSON_MAX_DEPTH brackets
 * are just counted: the record will be rejected.
 *
 * Pure: no server, no output.
 */
#ifndef LOAD_SOURCE_JSON_SPLIT_H
#define LOAD_SOURCE_JSON_SPLIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum
{
    JSON_MAX_DEPTH = 1000 /* objects and arrays in each other; a record is the first */
};

typedef enum JsonSplitStatus
{
    SPLIT_RECORD,
    SPLIT_MORE, /* more bytes are needed */
    SPLIT_END,
    SPLIT_ERROR
} JsonSplitStatus;

typedef struct JsonSplit
{
    /* set by json_split_next(): */
    size_t n_used;    /* the text of the next call begins after these bytes */
    size_t start;     /* of the record in the text */
    size_t length;    /* of the record; 0: a comma has no element before or after it */
    uint64_t line;    /* where the record begins, or the error is; from 1 */
    char problem[80]; /* after SPLIT_ERROR */

    /* its own: */
    bool is_lines;
    int place;        /* in which the next byte is */
    bool is_in_array; /* of the top level */
    bool is_escaped;  /* the next byte follows a backslash */
    size_t depth;     /* brackets of the record that are open */
    bool is_object[JSON_MAX_DEPTH];
    size_t at;          /* bytes of the text that were looked at */
    uint64_t next_line; /* at the beginning of the text */
} JsonSplit;

void json_split_init(JsonSplit *split, bool is_lines);

/*
 * Finds the next record. The text begins after the n_used bytes of the last call's; at
 * the end of the source, there are no more bytes than these.
 */
JsonSplitStatus json_split_next(JsonSplit *split, const char *text, size_t length,
                                bool is_at_end);

#endif
