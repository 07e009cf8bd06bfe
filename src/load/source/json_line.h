/*
 * Makes a line for the staging table of the members of a JSON record: a field for each
 * column, then which columns the record has, then the number of the record. For example,
 * with columns a, b and c, record 5 {"c":"x","a":null} becomes "\N\t\N\tx\t101\t5". A
 * record that has all columns has \N there.
 *
 *     value            column                    field
 *     string           json, jsonb               as it is written, with its quotes
 *                      any other                 its characters
 *     number, boolean  any                       as it is written
 *     null             any                       \N
 *     object           json, jsonb, text, varchar   as it is written
 *     array            json, jsonb, text, varchar   as it is written
 *                      an array                  an array of PostgreSQL: json_array.h
 *
 * Anything else is a reject.
 *
 * Pure: no server, no output.
 */
#ifndef LOAD_SOURCE_JSON_LINE_H
#define LOAD_SOURCE_JSON_LINE_H

#include <stddef.h>
#include <stdint.h>

#include "load/source/json_members.h"
#include "load/source/json_record.h"
#include "load/source/lines.h"

typedef struct JsonLine JsonLine;

/* The members must outlive it. */
JsonLine *json_line_new(const JsonMembers *members);
void json_line_free(JsonLine *line);

/* The handler of a JsonRecord that fills in the line. */
JsonHandler json_line_get_handler(JsonLine *line);

/* Forgets the members of the last record. */
void json_line_begin(JsonLine *line);

/*
 * Adds the line; the number of the record is the last field. Returns NULL, or why it
 * cannot be added, for the caller to free.
 */
char *json_line_end(JsonLine *line, uint64_t number, Lines *lines)
    __attribute__((warn_unused_result));

#endif
