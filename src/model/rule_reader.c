#include "model/rule_reader.h"

#include <csv.h>
#include <string.h>

#include "model/rule_text.h"

/* One field, as libcsv reads it. */
typedef struct CsvField
{
    Arena *arena;
    const char *text; /* NULL: the field is empty, or is not a field */
    const char *next; /* behind the comma; NULL if the field was the last one */
    enum
    {
        CSV_FIELD_READ,
        CSV_FIELD_UNTERMINATED,
        CSV_FIELD_MALFORMED /* a quote in the wrong place */
    } status;
} CsvField;

const char rule_reader_csv_hint[] =
    "A rule that contains a comma or begins with a double quote is written in double "
    "quotes as a whole, and double quotes within it are doubled: \"t = a IN (1, 2)\".";

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
is_blank(unsigned char c)
{
    return rule_text_is_blank((char)c);
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
 * not tell where a field ends.
 */
static CsvField
read_csv_field(Arena *arena, const char *text, unsigned char options)
{
    CsvField field = {.arena = arena};
    struct csv_parser parser;

    csv_init(&parser, options | CSV_APPEND_NULL);
    csv_set_space_func(&parser, is_blank);
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
 * Where the rule ends whose pattern is a quoted name but which is not quoted as a field
 * of CSV. It takes the rest of the argument, since commas in its condition cannot be told
 * from those between rules; except when a comma follows *, a count or a percent at once.
 */
static const char *
find_rule_end(const char *text)
{
    const char *equals = rule_text_find(text, "=", NULL);
    const char *end =
        equals != NULL ? rule_text_skip_rows(rule_text_skip_blanks(equals + 1)) : NULL;

    if (end != NULL && *rule_text_skip_blanks(end) == ',')
        return rule_text_skip_blanks(end);
    return text + strlen(text);
}

bool
rule_reader_next(RuleReader *reader)
{
    const char *start = reader->next;
    bool begins_quoted = *rule_text_skip_blanks(start) == '"';
    CsvField field;

    field = read_csv_field(reader->arena, start, CSV_STRICT | CSV_STRICT_FINI);
    if (field.status == CSV_FIELD_MALFORMED && begins_quoted)
    {
        const char *end = find_rule_end(start);

        field.text = rule_text_copy(reader->arena, start, (size_t)(end - start));
        field.next = *end != '\0' ? end + 1 : NULL;
    }
    else if (field.status == CSV_FIELD_MALFORMED)
    {
        field = read_csv_field(reader->arena, start, 0);
    }
    reader->position++;
    reader->text = field.text != NULL ? field.text : "";
    reader->next = field.next;
    if (field.status != CSV_FIELD_UNTERMINATED)
        return true;
    reader->text = rule_text_copy(reader->arena, start, strlen(start));
    return rule_reader_reject(reader, "unterminated double quote", rule_reader_csv_hint);
}
