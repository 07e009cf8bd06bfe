#include "model/rules.h"

#include <csv.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Goes through the fields of one --limit argument. */
typedef struct RuleReader
{
    Arena *arena;
    Diag *diag;
    const char *next; /* text of the fields still to be read, or NULL */
    const char *text; /* of the current rule */
    int position;     /* of the current rule, from 1 */
} RuleReader;

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

static const char csv_hint[] =
    "A rule that contains a comma or begins with a double quote is written in double "
    "quotes as a whole, and double quotes within it are doubled: \"t = a IN (1, 2)\".";
static const char number_name_hint[] =
    "A name that begins with a number is written in double quotes.";

/* Fills in the diag; returns false so that callers can return it. */
static bool
reject_rule(const RuleReader *reader, const char *problem, const char *hint)
{
    const size_t shown = 60;
    size_t length = strlen(reader->text);
    const char *dots = "";

    if (length > shown)
    {
        /* Do not cut a UTF-8 character into two. */
        for (length = shown; length > 0 && (reader->text[length] & 0xc0) == 0x80;)
            length--;
        dots = "...";
    }
    diag_set_message(reader->diag, "limit rule %d (%.*s%s): %s", reader->position,
                     (int)length, reader->text, dots, problem);
    if (hint != NULL)
        diag_set_hint(reader->diag, "%s", hint);
    return false;
}

static int
is_blank(unsigned char c)
{
    return c != '\0' && strchr(" \t\n\r\f\v", c) != NULL;
}

static const char *
skip_blanks(const char *text)
{
    while (is_blank((unsigned char)*text))
        text++;
    return text;
}

/* A copy of the length bytes at text, without the blanks at both ends. */
static char *
copy_trimmed(Arena *arena, const char *text, size_t length)
{
    char *copy;

    while (length > 0 && is_blank((unsigned char)text[0]))
    {
        text++;
        length--;
    }
    while (length > 0 && is_blank((unsigned char)text[length - 1]))
        length--;
    copy = arena_alloc(arena, length + 1);
    return memcpy(copy, text, length);
}

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Does the text begin with the word "where"? */
static bool
is_where(const char *text)
{
    unsigned char after;

    if (strncasecmp(text, "where", 5) != 0)
        return false;
    after = (unsigned char)text[5];
    return !is_digit((char)after) && !(after >= 'a' && after <= 'z') &&
           !(after >= 'A' && after <= 'Z') && after < 0x80 && after != '_' &&
           after != '$';
}

/* Could what is behind rows be the rest of them? */
static bool
is_end_of_rows(const char *text)
{
    return *text == '\0' || is_where(text);
}

/*
 * Moves over a number, with a sign or a fraction or not, and the percent sign behind it;
 * or over a *. Returns what follows, or NULL if text begins with something else.
 */
static const char *
skip_rows(const char *text)
{
    const char *digits;
    const char *percent;

    if (*text == '*')
        return text + 1;
    if (*text == '-' || *text == '+')
        text++;
    for (digits = text; is_digit(*text);)
        text++;
    if (text[0] == '.' && is_digit(text[1]))
    {
        for (text++; is_digit(*text);)
            text++;
    }
    if (text == digits)
        return NULL;
    percent = skip_blanks(text);
    return *percent == '%' ? percent + 1 : text;
}

/* Reads the decimal number at text; without strtod(), which depends on the locale. */
static double
read_decimal(const char *text)
{
    double value = 0;
    double unit = 1;

    for (; is_digit(*text); text++)
        value = value * 10 + (*text - '0');
    if (*text == '.')
    {
        for (text++; is_digit(*text); text++)
        {
            value = value * 10 + (*text - '0');
            unit *= 10;
        }
    }
    return value / unit;
}

static bool
read_percent(RuleReader *reader, Rule *rule, const char *text)
{
    double percent = read_decimal(text);

    /* Written like this, an absurd number of digits is refused as well. */
    if (!(percent <= 100))
        return reject_rule(reader, "a percent cannot be more than 100", NULL);
    if (percent == 0)
    {
        rule->kind = RULE_COUNT;
        return true;
    }
    rule->kind = RULE_PERCENT;
    rule->percent = percent;
    return true;
}

static bool
read_count(RuleReader *reader, Rule *rule, const char *text)
{
    rule->kind = RULE_COUNT;
    for (; is_digit(*text); text++)
    {
        int digit = *text - '0';

        if (rule->count > (INT64_MAX - digit) / 10)
            return reject_rule(reader, "the count is too large",
                               "For all rows, write * in place of the count.");
        rule->count = rule->count * 10 + digit;
    }
    if (*text == '.')
        return reject_rule(reader, "a count must be a whole number",
                           "A percent has a percent sign: 0.5%.");
    return true;
}

/* Reads the rows at text, over which skip_rows() came to end. */
static bool
read_rows(RuleReader *reader, Rule *rule, const char *text, const char *end)
{
    if (*text == '*')
    {
        rule->kind = RULE_ALL;
        return true;
    }
    if (*text == '-')
        return reject_rule(reader, "a number of rows cannot be negative", NULL);
    if (*text == '+')
        return reject_rule(reader, "a number of rows has no sign", NULL);
    return end[-1] == '%' ? read_percent(reader, rule, text)
                          : read_count(reader, rule, text);
}

static bool
read_condition(RuleReader *reader, Rule *rule, const char *text)
{
    if (*text == '=')
        return reject_rule(reader, "there is one = too many", NULL);
    if (is_where(text))
        return reject_rule(reader, "\"where\" needs *, a count or a percent before it",
                           "A condition alone is written without it: t = a > 5.");
    rule->kind = RULE_ALL;
    rule->condition = text;
    return true;
}

/* Reads what is right of the =, or a rule that has none. */
static bool
read_value(RuleReader *reader, Rule *rule, const char *text)
{
    const char *end = skip_rows(text);
    const char *rest = end != NULL ? skip_blanks(end) : NULL;

    if (*text == '\0')
        return reject_rule(reader, "nothing follows the =",
                           "Write *, a count, a percent or a condition.");
    if (end == NULL || (*text != '*' && !is_end_of_rows(rest)))
        return read_condition(reader, rule, text);
    if (!is_end_of_rows(rest))
        return reject_rule(reader, "only \"where CONDITION\" can follow *", NULL);
    if (!read_rows(reader, rule, text, end))
        return false;
    if (*rest == '\0')
        return true;
    rule->condition = skip_blanks(rest + strlen("where"));
    if (*rule->condition == '\0')
        return reject_rule(reader, "no condition follows \"where\"", NULL);
    return true;
}

/* The first = outside of double quotes, or NULL. */
static const char *
find_equals(const char *text, bool *is_quote_open)
{
    bool is_quoted = false;

    for (; *text != '\0' && (is_quoted || *text != '='); text++)
        is_quoted ^= *text == '"';
    *is_quote_open = is_quoted;
    return *text == '=' ? text : NULL;
}

/* Says what is wrong with a rule that has no = and is not rows alone. */
static bool
reject_without_equals(const RuleReader *reader, bool is_quote_open)
{
    if (is_quote_open)
        return reject_rule(reader, "unterminated double quote", csv_hint);
    if (strpbrk(reader->text, "()'\"") != NULL)
        return reject_rule(reader, "there is no \"PATTERN =\" in it", csv_hint);
    return reject_rule(reader, "there is no \"PATTERN =\" in it",
                       "Only *, a count or a percent can stand alone; for any table, "
                       "write \"* = CONDITION\".");
}

/* Reads what is left of the =. */
static bool
read_pattern(RuleReader *reader, Rule *rule, const char *text, size_t length)
{
    char *pattern = copy_trimmed(reader->arena, text, length);
    size_t pattern_length = strlen(pattern);
    Diag problem = {0};

    if (pattern_length > 0 && strchr("<>!", pattern[pattern_length - 1]) != NULL)
        return reject_rule(reader, "there is no \"PATTERN =\" before the condition",
                           "For any table, write \"* = CONDITION\".");
    if (pattern_parse(&rule->pattern, reader->arena, pattern, &problem))
        return true;
    reject_rule(reader, problem.message, problem.hint);
    diag_free(&problem);
    return false;
}

/* Reads the current rule, whose text is trimmed. */
static bool
read_rule(RuleReader *reader, Rule *rule)
{
    const char *end = skip_rows(reader->text);
    const char *rest = end != NULL ? skip_blanks(end) : NULL;
    const char *equals;
    bool is_quote_open;

    *rule = (Rule){.text = reader->text};
    if (*reader->text == '\0')
        return reject_rule(reader, "the rule is empty",
                           "Is there a comma too many, or a variable without a value?");
    if (end != NULL && is_end_of_rows(rest))
        return read_pattern(reader, rule, "*", 1) &&
               read_value(reader, rule, reader->text);
    if (end != NULL && *reader->text != '*' && (rest > end || *rest == '='))
        return reject_rule(reader, "only \"where CONDITION\" can follow a number",
                           number_name_hint);
    equals = find_equals(reader->text, &is_quote_open);
    if (equals == NULL)
        return reject_without_equals(reader, is_quote_open);
    return read_pattern(reader, rule, reader->text, (size_t)(equals - reader->text)) &&
           read_value(reader, rule, skip_blanks(equals + 1));
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

    field->text = copy_trimmed(field->arena, text, length);
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
    bool is_quote_open;
    const char *equals = find_equals(text, &is_quote_open);
    const char *end = equals != NULL ? skip_rows(skip_blanks(equals + 1)) : NULL;

    if (end != NULL && *skip_blanks(end) == ',')
        return skip_blanks(end);
    return text + strlen(text);
}

/* Takes the next field of the argument and makes it the current rule. */
static bool
next_rule(RuleReader *reader)
{
    const char *start = reader->next;
    bool begins_quoted = *skip_blanks(start) == '"';
    CsvField field;

    field = read_csv_field(reader->arena, start, CSV_STRICT | CSV_STRICT_FINI);
    if (field.status == CSV_FIELD_MALFORMED && begins_quoted)
    {
        const char *end = find_rule_end(start);

        field.text = copy_trimmed(reader->arena, start, (size_t)(end - start));
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
    reader->text = copy_trimmed(reader->arena, start, strlen(start));
    return reject_rule(reader, "unterminated double quote", csv_hint);
}

bool
rules_append(RuleList *list, Arena *arena, const char *argument, Diag *diag)
{
    RuleReader reader = {.arena = arena, .diag = diag, .next = argument};

    while (reader.next != NULL)
    {
        MEM_GROW(list->rules, list->capacity, list->n_rules);
        if (!next_rule(&reader) || !read_rule(&reader, &list->rules[list->n_rules]))
            return false;
        list->n_rules++;
    }
    return true;
}

int
rules_find(const RuleList *list, const char *schema, const char *name)
{
    for (size_t i = 0; i < list->n_rules; i++)
    {
        if (pattern_matches(&list->rules[i].pattern, schema, name))
            return (int)i;
    }
    return -1;
}

int
rules_find_literal(const RuleList *list, const char *schema, const char *name)
{
    for (size_t i = 0; i < list->n_rules; i++)
    {
        if (list->rules[i].pattern.is_literal &&
            pattern_matches(&list->rules[i].pattern, schema, name))
            return (int)i;
    }
    return -1;
}

void
rules_free(RuleList *list)
{
    free(list->rules);
    *list = (RuleList){0};
}
