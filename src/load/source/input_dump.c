#include <stdlib.h>
#include <string.h>

#include "base/copytext.h"
#include "base/csvreader.h"
#include "base/mem.h"
#include "base/sqlscript.h"
#include "load/source/dumptext.h"
#include "load/source/input_internal.h"
#include "load/source/linereader.h"

/*
 * The reader of dumps. A dump is a script of statements, split by base/sqlscript, and
 * blocks of rows between COPY ... FROM stdin and "\.". Only statements about data are
 * evaluated (see dumptext.h); the others, which create the tables, are skipped. No
 * statement of the dump is executed.
 *
 * A dump without the comment at its end is truncated, which is an error even if all
 * statements are whole: rows would be missing.
 *
 * A masked dump says at its beginning and at its end how it was masked. Both must say the
 * same, so that a dump whose first lines were cut off is not taken for an unmasked one.
 */

static const char sample[] = "-- Sample of a PostgreSQL database, made by pg-sample ";
static const char origin[] = "-- source: ";
static const char masked[] = "-- masked: ";
static const char end_of_sample[] = "-- The dump is complete";
static const char seal[] = "INSERT INTO pg_temp.pg_sample_seal ";
static const char postponed[] = "pg_temp.pg_sample_postponed";

typedef struct Dump
{
    Input *input;
    LineReader lines;
    SqlScript script;
    const char *rest; /* of the line that is scanned */
    const char *rest_end;
    DumpCopy copy;     /* the current table */
    DumpCopy complete; /* the table that postponed rows complete */
    PQExpBufferData lettered;
    bool is_in_header; /* of a dump that pg-sample made */
    bool is_sample;    /* there was such a header */
    bool is_marked;    /* a table has begun: its mark is settled */
    bool is_confirmed; /* the end says the same */
    bool is_in_rows;
    bool is_complete; /* the comment at its end was read, and no statement since */
    bool is_raw;      /* in its encoding 0x5C can be part of a character */
} Dump;

static void *
open_dump(Input *input)
{
    Dump *dump = mem_alloc_zero(1, sizeof(Dump));

    dump->input = input;
    linereader_init(&dump->lines, input);
    sqlscript_init(&dump->script);
    initPQExpBuffer(&dump->lettered);
    return dump;
}

static void
close_dump(void *state)
{
    Dump *dump = state;

    linereader_free(&dump->lines);
    sqlscript_free(&dump->script);
    dumptext_free(&dump->copy);
    dumptext_free(&dump->complete);
    termPQExpBuffer(&dump->lettered);
    free(dump);
}

static bool
fail_cut(const Dump *dump, Diag *diag)
{
    size_t n_lines = dump->lines.next_line - 1;

    if (dump->is_in_rows)
        return input_fail(dump->input, n_lines, diag,
                          "the dump is truncated within the rows of %s", dump->copy.name);
    return input_fail(dump->input, n_lines, diag,
                      "the dump is truncated: the comment at its end is missing");
}

/* ---- rows */

static bool
check_row(Dump *dump, TextLine *line, Diag *diag)
{
    static const CopyEncoding bytewise = {0};
    LineTrouble trouble =
        dump->is_raw ? TROUBLE_NONE : linereader_find_trouble(line, &bytewise);

    if (trouble == TROUBLE_CUT || trouble == TROUBLE_END_MARKER)
        return input_fail(dump->input, dump->lines.line, diag,
                          trouble == TROUBLE_CUT ? "a row ends with a backslash"
                                                 : "end-of-copy marker is not alone on "
                                                   "its line");
    if (memchr(line->text, '\r', line->length) != NULL)
    {
        (void)input_fail(dump->input, dump->lines.line, diag,
                         "literal carriage return found in the rows of %s",
                         dump->copy.name);
        diag_set_hint(diag, "Line ends may have been converted to CR LF when the dump "
                            "was copied.");
        return false;
    }
    if (trouble == TROUBLE_NONE)
        return true;
    resetPQExpBuffer(&dump->lettered);
    linereader_append_lettered(&dump->lettered, line, &bytewise);
    line->text = dump->lettered.data;
    line->length = dump->lettered.len;
    return true;
}

/* Reads a row, or the line that ends them. */
static bool
next_row(Dump *dump, TextLine *line, Diag *diag)
{
    LineStatus status = linereader_next(&dump->lines, false, line, diag);

    if (status == LINE_ERROR)
        return false;
    if (status == LINE_END || !line->has_line_feed)
        return fail_cut(dump, diag);
    dump->is_in_rows = line->length != 2 || memcmp(line->text, "\\.", 2) != 0;
    dump->input->n_records += dump->is_in_rows ? 1 : 0;
    return !dump->is_in_rows || check_row(dump, line, diag);
}

static bool
fill_dump(Input *input, Diag *diag)
{
    Dump *dump = input->state;
    TextLine line;

    while (dump->is_in_rows && !input_is_full(input))
    {
        if (!next_row(dump, &line, diag))
            return false;
        if (!dump->is_in_rows)
            break;
        input->record++;
        if (!input->has_projection)
            continue;
        input->lines->source_line = dump->lines.line;
        projection_add_copy(&input->projection, line.text, line.length,
                            input_get_number(input), input->lines);
    }
    input->is_table_at_end = !dump->is_in_rows;
    return true;
}

/* ---- statements */

static bool
begin_copy(Dump *dump, Diag *diag)
{
    const char *text = dump->script.text.data;

    dumptext_free(&dump->copy);
    if (!dumptext_read_copy(text, &dump->copy) ||
        !linereader_is_blank(dump->rest, (size_t)(dump->rest_end - dump->rest)))
        return input_fail(dump->input, dump->lines.line, diag,
                          "unrecognized COPY statement: not written by pg-sample or "
                          "pg_dump");
    dump->copy.is_postponed = strcmp(dump->copy.name, postponed) == 0;
    if (dump->copy.is_postponed)
    {
        if (dump->complete.name == NULL)
            return input_fail(dump->input, dump->lines.line, diag,
                              "the table that the rows of %s complete is not known",
                              postponed);
        dumptext_free(&dump->copy);
        dump->copy = dump->complete;
        dump->copy.is_postponed = true;
        dump->complete = (DumpCopy){0};
    }
    dump->is_in_rows = true;
    return csvreader_check_names((const char *const *)dump->copy.names.items,
                                 dump->copy.names.n_items,
                                 bytes_get_name(dump->input->bytes), dump->lines.line,
                                 diag);
}

static bool
add_sequence(Dump *dump, Diag *diag)
{
    Input *input = dump->input;
    InputSequence sequence;
    char *name = dumptext_read_setval(dump->script.text.data, &sequence.value,
                                      &sequence.is_called);
    size_t n = input->n_sequences;

    if (name == NULL)
        return input_fail(input, dump->lines.line, diag,
                          "unrecognized call of setval(): not written by pg-sample or "
                          "pg_dump");
    sequence.name = name;
    MEM_GROW(input->sequences, input->sequence_capacity, n);
    input->sequences[n] = sequence;
    input->sequence_names = mem_resize(input->sequence_names, n + 1, sizeof(char *));
    input->sequence_names[n] = name;
    input->n_sequences++;
    return true;
}

static bool
set_encoding(Dump *dump, char *encoding, Diag *diag)
{
    Input *input = dump->input;

    if (input->client_encoding != NULL && strcmp(input->client_encoding, encoding) != 0)
    {
        (void)input_fail(input, dump->lines.line, diag,
                         "the encoding changes from %s to %s", input->client_encoding,
                         encoding);
        free(encoding);
        return false;
    }
    free(input->client_encoding);
    input->client_encoding = encoding;
    dump->is_raw = copytext_needs_char_length(encoding);
    return true;
}

static bool
starts_with(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* Evaluates statements about data; all others are ignored. */
static bool
take_statement(Dump *dump, Diag *diag)
{
    const char *text = dump->script.text.data;
    char *value;

    dump->is_complete = false;
    dump->is_in_header = false;
    if (starts_with(text, "COPY "))
        return begin_copy(dump, diag);
    if (starts_with(text, "SELECT pg_catalog.setval("))
        return add_sequence(dump, diag);
    if ((value = dumptext_read_setting(text, "client_encoding")) != NULL)
        return set_encoding(dump, value, diag);
    if ((value = dumptext_read_setting(text, "standard_conforming_strings")) != NULL)
    {
        dump->script.has_backslashes = strcmp(value, "off") == 0;
        free(value);
    }
    else if (dumptext_is_postponed(text))
    {
        dumptext_free(&dump->complete);
        if (!dumptext_read_postponed(text, &dump->complete))
            return input_fail(dump->input, dump->lines.line, diag,
                              "table of postponed rows was not written by pg-sample");
    }
    else if (starts_with(text, "INSERT INTO ") && !starts_with(text, seal))
    {
        (void)input_fail(dump->input, dump->lines.line, diag,
                         "the dump was made with --inserts");
        diag_set_hint(diag, "Make the dump without --inserts: only rows for COPY can be "
                            "loaded.");
        return false;
    }
    return true;
}

static bool
take_command(Dump *dump, Diag *diag)
{
    const char *text = dump->script.text.data;

    if (starts_with(text, "\\restrict ") || starts_with(text, "\\unrestrict "))
        return true;
    return input_fail(dump->input, dump->lines.line, diag,
                      "%.40s: commands of psql are not supported", text);
}

/* Must be what was read before, if rows were. */
static bool
take_mark(Dump *dump, const char *mark, Diag *diag)
{
    Input *input = dump->input;

    if (!dumptext_is_mark(mark))
        return !dump->is_sample ||
               input_fail(input, dump->lines.line, diag,
                          "it is not understood how the dump was masked");
    if (input->mark == NULL && dump->is_in_header && !dump->is_marked)
        input->mark = mem_copy_string(mark);
    if (input->mark != NULL && strcmp(input->mark, mark) == 0)
    {
        dump->is_confirmed = !dump->is_in_header;
        return true;
    }
    if (input->mark != NULL)
        return input_fail(input, dump->lines.line, diag,
                          "the rows before this line are masked with %s, and others "
                          "with %s",
                          input->mark, mark);
    (void)input_fail(input, dump->lines.line, diag,
                     "rows before this line are masked, but the header of the dump does "
                     "not say so");
    diag_set_hint(diag, "The first lines of the dump were changed or cut off.");
    return false;
}

/* The end of a dump. */
static bool
take_end(Dump *dump, bool is_sample, Diag *diag)
{
    dump->is_complete = true;
    if (dump->input->mark == NULL || (is_sample && dump->is_confirmed))
    {
        dump->is_confirmed = false; /* there can be another dump behind it */
        return true;
    }
    (void)input_fail(dump->input, dump->lines.line, diag,
                     "the header says that the dump is masked, but its end does not");
    diag_set_hint(diag, "The dump was changed, or put together of several ones.");
    return false;
}

/* Names cannot forge such lines: in comments their line ends are escaped. */
static bool
take_comment(Dump *dump, Diag *diag)
{
    const char *text = dump->script.text.data;

    if (starts_with(text, sample))
        dump->is_in_header = dump->is_sample = true;
    else if (dump->is_in_header && starts_with(text, origin) &&
             dump->input->origin == NULL)
        dump->input->origin = mem_copy_string(text + strlen(origin));
    else if (starts_with(text, masked))
        return take_mark(dump, text + strlen(masked), diag);
    else if (starts_with(text, end_of_sample) ||
             starts_with(text, "-- PostgreSQL database dump complete"))
        return take_end(dump, starts_with(text, end_of_sample), diag);
    return true;
}

/* Evaluates the rest of the line, up to the next COPY. */
static bool
scan(Dump *dump, Diag *diag)
{
    bool is_good = true;

    while (is_good && !dump->is_in_rows && dump->rest < dump->rest_end)
    {
        switch (sqlscript_next(&dump->script, &dump->rest, dump->rest_end))
        {
            case SQLSCRIPT_MORE:
                break;
            case SQLSCRIPT_STATEMENT:
                is_good = take_statement(dump, diag);
                break;
            case SQLSCRIPT_PSQL_COMMAND:
                is_good = take_command(dump, diag);
                break;
            case SQLSCRIPT_COMMENT:
                is_good = take_comment(dump, diag);
                break;
        }
    }
    return is_good;
}

static InputStatus
next_dump_table(Input *input, InputTable *table, Diag *diag)
{
    Dump *dump = input->state;
    LineStatus status = LINE_TEXT;
    TextLine line;

    while (dump->is_in_rows)
    {
        if (!next_row(dump, &line, diag))
            return INPUT_ERROR;
    }
    while (!dump->is_in_rows &&
           (status = linereader_next(&dump->lines, false, &line, diag)) == LINE_TEXT)
    {
        dump->rest = line.text;
        dump->rest_end = line.text + line.length + (line.has_line_feed ? 1 : 0);
        if (!scan(dump, diag))
            return INPUT_ERROR;
    }
    if (status == LINE_ERROR)
        return INPUT_ERROR;
    input->is_table_at_end = status == LINE_END;
    if (status == LINE_END)
        return (dump->is_complete && sqlscript_is_between(&dump->script)) ||
                       fail_cut(dump, diag)
                   ? INPUT_END
                   : INPUT_ERROR;
    table->name = dump->copy.name;
    table->columns = (const char *const *)dump->copy.names.items;
    table->n_columns = dump->copy.names.n_items;
    table->is_postponed = dump->copy.is_postponed;
    table->origin = dump->input->origin;
    table->mark = dump->input->mark;
    if (table->mark == NULL && dump->is_sample)
        table->mark = INPUT_UNMASKED;
    dump->is_marked = true;
    return INPUT_TABLE;
}

const InputReader dump_reader = {open_dump, next_dump_table, fill_dump, close_dump};
