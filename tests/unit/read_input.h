/*
 * Reads a text as pg-sample-load would, and writes down what came, for the tests of
 * src/load/source. Each text is read in chunks of several sizes, which must make no
 * difference.
 */
#ifndef TESTS_UNIT_READ_INPUT_H
#define TESTS_UNIT_READ_INPUT_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/strbuf.h"
#include "load/source/input.h"
#include "load/source/input_internal.h"
#include "tap.h"

enum
{
    MOST_COLUMNS = 10
};

/* Goes into a folder of its own, so that messages name just "f". */
static inline void
enter_folder(char *folder)
{
    if (mkdtemp(folder) == NULL || chdir(folder) != 0)
        abort();
}

static inline void
write_file(const char *name, const char *text, size_t length)
{
    FILE *file = fopen(name, "w");

    if (file == NULL || fwrite(text, 1, length, file) != length || fclose(file) != 0)
        abort();
}

static inline void
note_table(PQExpBuffer found, const InputTable *table)
{
    appendPQExpBuffer(found, "%s%s(", table->is_postponed ? "postponed " : "",
                      table->name != NULL ? table->name : "");
    for (size_t i = 0; i < table->n_columns; i++)
        appendPQExpBuffer(found, "%s%s", i > 0 ? "," : "", table->columns[i]);
    appendPQExpBufferStr(found, ")\n");
}

/* Lines as they are but for tabs, written as |. */
static inline void
note_lines(PQExpBuffer found, Lines *lines)
{
    for (size_t i = 0; i < lines->text.len; i++)
        appendPQExpBufferChar(found,
                              lines->text.data[i] == '\t' ? '|' : lines->text.data[i]);
    for (size_t i = 0; i < lines->n_rejects; i++)
        appendPQExpBuffer(found, "reject %d: %s: %s\n", (int)lines->rejects[i].record,
                          lines->rejects[i].reason, lines->rejects[i].raw);
    lines_reset(lines);
}

/* Records of JSON have members a and b; in the second one JSON can be. */
static inline void
project_members(Input *input, Arena *arena)
{
    static const JsonColumn columns[] = {{.name = "a"},
                                         {.name = "b", .kind = JSON_KIND_TEXT}};
    static const JsonName names[] = {{.text = "a", .length = 1, .column = 0},
                                     {.text = "b", .length = 1, .column = 1}};
    JsonMembers *members = ARENA_ARRAY(arena, 1, JsonMembers);

    *members = (JsonMembers){.columns = columns,
                             .n_columns = 2,
                             .envelope = "data",
                             .names = names,
                             .n_names = 2};
    json_members_prepare(members, arena);
    input_project_members(input, members, 0);
}

static inline void
project_table(Input *input, const InputTable *table, size_t width, Arena *arena)
{
    int fields[MOST_COLUMNS];
    const char *constants[MOST_COLUMNS] = {NULL};

    if (table->n_columns > 0)
        width = table->n_columns;
    for (int i = 0; i < MOST_COLUMNS; i++)
        fields[i] = i;
    if (table->has_members)
        project_members(input, arena);
    else
        input_project(input, width, fields, constants, width, 0);
}

static inline InputStatus
read_table(Input *input, size_t max_rows, PQExpBuffer found, Diag *diag)
{
    Lines lines;
    InputStatus status;

    lines_init(&lines);
    while ((status = input_read(input, &lines, max_rows, 1 << 20, diag)) == INPUT_ROWS)
    {
        if (lines.n_lines + lines.n_rejects > max_rows)
            appendPQExpBufferStr(found, "too many rows\n");
        note_lines(found, &lines);
    }
    note_lines(found, &lines);
    lines_free(&lines);
    return status;
}

/* Reads the file "f"; without columns in it, width is how many there are. */
static inline void
read_file(const InputSpec *spec, size_t width, size_t most, size_t max_rows,
          PQExpBuffer found)
{
    Arena *arena = arena_new();
    Diag diag = {0};
    InputSpec limited = *spec;
    Input *input;
    InputTable table;
    InputStatus status = INPUT_ERROR;

    limited.most_bytes = most;
    input = input_open(&limited, &diag);
    if (input != NULL)
    {
        while ((status = input_next_table(input, &table, &diag)) == INPUT_TABLE)
        {
            note_table(found, &table);
            project_table(input, &table, width, arena);
            if (read_table(input, max_rows, found, &diag) == INPUT_ERROR)
            {
                status = INPUT_ERROR;
                break;
            }
        }
    }
    if (status == INPUT_ERROR)
        appendPQExpBuffer(found, "%s: %s\n",
                          input == NULL || input_is_unreadable(input) ? "unreadable"
                                                                      : "wrong",
                          diag.message);
    diag_free(&diag);
    input_close(input);
    arena_free(arena);
}

static inline void
check_bytes_read(const InputSpec *spec, size_t width, const char *text, size_t length,
                 const char *expected)
{
    const size_t most[] = {1, 2, 3, 7, 0};
    const size_t max_rows[] = {1, 2, 1000};

    write_file("f", text, length);
    for (size_t i = 0; i < sizeof(most) / sizeof(most[0]); i++)
    {
        for (size_t j = 0; j < sizeof(max_rows) / sizeof(max_rows[0]); j++)
        {
            PQExpBufferData found;

            initPQExpBuffer(&found);
            read_file(spec, width, most[i], max_rows[j], &found);
            /* lines come before rejects of the same call */
            if (max_rows[j] == 1 || strstr(expected, "reject") == NULL)
                is_str(found.data, expected, "bytes by %zu, rows by %zu", most[i],
                       max_rows[j]);
            termPQExpBuffer(&found);
        }
    }
}

static inline void
check_read(const InputSpec *spec, size_t width, const char *text, const char *expected)
{
    check_bytes_read(spec, width, text, strlen(text), expected);
}

#endif
