#include "model/rule_reader.h"

#include <csv.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/sqltext.h"
#include "model/sql_expression.h"

/* One field, as libcsv reads it. */
typedef struct CsvField
{
    Arena *arena;
    const char *text; /* NULL: the field is empty, or is not a field */
    const char *next; /* after the comma; NULL if the field was the last one */
    enum
    {
        CSV_FIELD_READ,
        CSV_FIELD_UNTERMINATED,
        CSV_FIELD_MALFORMED /* a quote where there can be none */
    } status;
} CsvField;

const char rule_reader_csv_hint[] =
    "A rule that stands in double quotes as a whole has those within it doubled.";

bool
rule_reader_reject(const RuleReader *reader, const char *problem, const char *hint)
{
    const char *dots;
    int shown = (int)rule_text_cut(reader->text, &dots);

    if (reader->position > 0)
        diag_set_message(reader->diag, "%s %d (%.*s%s): %s", reader->what,
                         reader->position, shown, reader->text, dots, problem);
    else
        diag_set_message(reader->diag, "%s (%.*s%s): %s", reader->what, shown,
                         reader->text, dots, problem);
    if (hint != NULL)
        diag_set_hint(reader->diag, "%s", hint);
    return false;
}

bool
rule_reader_reject_empty(const RuleReader *reader)
{
    return rule_reader_reject(
        reader, "the rule is empty",
        reader->position > 0 ? "Is there a comma too many, or a variable without a value?"
                             : "Is there a variable without a value?");
}

bool
rule_reader_pattern(const RuleReader *reader, Pattern *pattern, const char *text,
                    size_t length)
{
    char *trimmed = rule_text_copy(reader->arena, text, length);
    size_t trimmed_length = strlen(trimmed);
    Diag problem = {0};

    if (trimmed_length > 0 && strchr("<>!", trimmed[trimmed_length - 1]) != NULL)
        return rule_reader_reject(reader,
                                  "there is no \"PATTERN =\" before the condition",
                                  "For any table, write \"* = CONDITION\".");
    if (pattern_parse(pattern, reader->arena, trimmed, &problem))
        return true;
    rule_reader_reject(reader, problem.message, problem.hint);
    diag_free(&problem);
    return false;
}

static int
is_csv_blank(unsigned char c)
{
    return sqltext_is_blank((char)c);
}

/* No character ends a line: a condition may have several. */
static int
is_line_end(unsigned char c)
{
    (void)c;
    return 0;
}

static void *
resize_csv_buffer(void *buffer, size_t size)
{
    return mem_resize(buffer, size, 1);
}

static void
keep_csv_field(void *text, size_t length, void *context)
{
    CsvField *field = context;

    field->text = rule_text_copy(field->arena, text, length);
}

/*
 * Reads the field at text, and no more of it than that. Byte by byte, because libcsv does
 * not report where a field ends.
 */
static CsvField
read_csv_field(Arena *arena, const char *text)
{
    CsvField field = {.arena = arena};
    struct csv_parser parser;

    csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI | CSV_APPEND_NULL);
    csv_set_space_func(&parser, is_csv_blank);
    csv_set_term_func(&parser, is_line_end);
    csv_set_realloc_func(&parser, resize_csv_buffer);
    for (; *text != '\0' && field.text == NULL && field.status == CSV_FIELD_READ; text++)
    {
        if (csv_parse(&parser, text, 1, keep_csv_field, NULL, &field) != 1)
            field.status = CSV_FIELD_MALFORMED;
    }
    if (field.text != NULL)
        field.next = text;
    else if (field.status == CSV_FIELD_READ &&
             csv_fini(&parser, keep_csv_field, NULL, &field) != 0)
        field.status = CSV_FIELD_UNTERMINATED;
    csv_free(&parser);
    return field;
}

/*
 * What follows the pattern of the rule at text: rows or a condition, in which a comma may
 * be part of something. A rule may also begin with its rows. In a pattern only double
 * quotes mean something.
 */
static const char *
find_value(const char *text)
{
    const char *end = rule_text_skip_rows(text);
    const char *mark;

    if (end != NULL && sqltext_is_blank(*end))
        return end;
    mark = sqltext_find(text, ",=", NULL);
    if (mark == NULL)
        return text + strlen(text);
    return *mark == '=' ? mark + 1 : mark;
}

/*
 * Where the rule at text ends that is not quoted as a field of CSV: at a comma that is
 * not within parentheses, brackets, strings, quoted names or comments. What is not closed
 * reaches to the end of the argument, and so does a comment, which then takes rules away:
 * *comment is that one, if it has a comma.
 */
static const char *
find_rule_end(const char *text, const char **comment)
{
    const char *end = find_value(text);
    int depth = 0;

    *comment = NULL;
    while (*end != '\0' && (*end != ',' || depth > 0))
    {
        const char *piece = end;

        end = sql_expression_skip_piece(piece);
        if (end == NULL)
            return piece + strlen(piece);
        if (*piece == '(' || *piece == '[')
            depth++;
        else if ((*piece == ')' || *piece == ']') && depth > 0)
            depth--;
        else if (strncmp(piece, "--", 2) == 0 && *end == '\0' &&
                 strchr(piece, ',') != NULL)
            *comment = piece;
    }
    return end;
}

/* Reads the rule at text as it is. */
static bool
read_unquoted_rule(RuleReader *reader, const char *start)
{
    const char *comment;
    const char *end = find_rule_end(start, &comment);

    reader->text = rule_text_copy(reader->arena, start, (size_t)(end - start));
    reader->next = *end != '\0' ? end + 1 : NULL;
    if (comment == NULL)
        return true;
    return rule_reader_reject(reader, "its comment reaches to the end of all rules",
                              "Put it between /* and */, or end its line.");
}

bool
rule_reader_next(RuleReader *reader)
{
    const char *start = sqltext_skip_blanks(reader->next);
    CsvField field;

    reader->position++;
    if (*start != '"')
        return read_unquoted_rule(reader, start);
    field = read_csv_field(reader->arena, start);
    if (field.status == CSV_FIELD_MALFORMED)
        return read_unquoted_rule(reader, start);
    reader->text = field.text != NULL ? field.text : "";
    reader->next = field.next;
    if (field.status == CSV_FIELD_READ)
        return true;
    reader->text = rule_text_copy(reader->arena, start, strlen(start));
    return rule_reader_reject(reader, "unterminated double quote", rule_reader_csv_hint);
}

bool
rule_reader_check_sql(const RuleReader *reader, const char *sql)
{
    const char *place;
    const char *problem = sql_expression_find_problem(sql, &place);
    const char *dots;
    char text[128];
    int shown;

    if (problem == NULL)
        return true;
    shown = (int)rule_text_cut(place, &dots);
    snprintf(text, sizeof(text), "%s at \"%.*s%s\"", problem, shown, place, dots);
    return rule_reader_reject(reader, text, NULL);
}
