#include "model/pattern.h"

#include <fnmatch.h>
#include <string.h>

#include "base/sqltext.h"

/* The state of going through a pattern's text. */
typedef struct PatternReader
{
    const char *text; /* all of it */
    const char *next; /* what is to be read */
    char *out;        /* where the current part is written */
    bool is_quoted;
    bool has_wildcard; /* in the current part */
} PatternReader;

/* Writes a character that stands for itself. */
static void
put_literal(PatternReader *reader, char c)
{
    if (strchr("*?[]\\", c) != NULL)
        *reader->out++ = '\\';
    *reader->out++ = c;
}

static void
read_quoted_char(PatternReader *reader)
{
    char c = *reader->next++;

    if (c != '"')
    {
        put_literal(reader, c);
    }
    else if (*reader->next == '"')
    {
        reader->next++;
        put_literal(reader, '"');
    }
    else
    {
        reader->is_quoted = false;
    }
}

static void
read_plain_char(PatternReader *reader)
{
    char c = *reader->next++;

    if (c == '"')
    {
        reader->is_quoted = true;
    }
    else if (c == '*' || c == '?')
    {
        reader->has_wildcard = true;
        *reader->out++ = c;
    }
    else
    {
        put_literal(reader, sqltext_fold(c));
    }
}

/*
 * Reads up to a dot that is not quoted, or to the end, and returns the fnmatch(3) pattern
 * of what was read; NULL with a message if there is nothing or a quote is open.
 */
static const char *
read_part(PatternReader *reader, Diag *diag)
{
    const char *part = reader->out;

    reader->has_wildcard = false;
    while (*reader->next != '\0' && (reader->is_quoted || *reader->next != '.'))
    {
        if (reader->is_quoted)
            read_quoted_char(reader);
        else
            read_plain_char(reader);
    }
    if (reader->is_quoted)
    {
        diag_set_message(diag, "unterminated double quote in pattern %s", reader->text);
        diag_set_hint(diag, "A double quote within a quoted name is written twice.");
        return NULL;
    }
    if (reader->out == part)
    {
        diag_set_message(diag, "empty name in pattern \"%s\"", reader->text);
        diag_set_hint(diag, "A pattern is NAME or SCHEMA.NAME; * stands for any name.");
        return NULL;
    }
    *reader->out++ = '\0';
    return part;
}

static void
begin_reading(PatternReader *reader, Pattern *pattern, Arena *arena, const char *text)
{
    /* Each character may get a backslash; each of two parts gets an end. */
    char *out = arena_alloc(arena, 2 * strlen(text) + 2);

    *pattern = (Pattern){.text = arena_copy_string(arena, text)};
    *reader = (PatternReader){.text = pattern->text, .next = pattern->text, .out = out};
}

/* Nothing may follow; allowed is the form that the text should have had. */
static bool
finish_reading(const PatternReader *reader, const char *allowed, Diag *diag)
{
    if (*reader->next == '\0')
        return true;
    diag_set_message(diag, "too many dots in pattern \"%s\"", reader->text);
    diag_set_hint(diag,
                  "A pattern is %s; a name that contains a dot is written in double "
                  "quotes.",
                  allowed);
    return false;
}

bool
pattern_parse(Pattern *pattern, Arena *arena, const char *text, Diag *diag)
{
    PatternReader reader;
    bool has_schema_wildcard = false;

    begin_reading(&reader, pattern, arena, text);
    pattern->name = read_part(&reader, diag);
    if (pattern->name != NULL && *reader.next == '.')
    {
        reader.next++;
        has_schema_wildcard = reader.has_wildcard;
        pattern->schema = pattern->name;
        pattern->name = read_part(&reader, diag);
    }
    pattern->is_literal = !reader.has_wildcard;
    pattern->is_exact = pattern->is_literal && !has_schema_wildcard;
    return pattern->name != NULL && finish_reading(&reader, "NAME or SCHEMA.NAME", diag);
}

bool
pattern_parse_schema(Pattern *pattern, Arena *arena, const char *text, Diag *diag)
{
    PatternReader reader;

    begin_reading(&reader, pattern, arena, text);
    pattern->name = read_part(&reader, diag);
    pattern->is_literal = !reader.has_wildcard;
    pattern->is_exact = pattern->is_literal;
    return pattern->name != NULL && finish_reading(&reader, "the name of schemas", diag);
}

bool
pattern_matches(const Pattern *pattern, const char *schema, const char *name)
{
    return (pattern->schema == NULL || fnmatch(pattern->schema, schema, 0) == 0) &&
           fnmatch(pattern->name, name, 0) == 0;
}

bool
pattern_matches_schema(const Pattern *pattern, const char *schema)
{
    return fnmatch(pattern->name, schema, 0) == 0;
}
