#include "dump/ddl_text.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/sqltext.h"
#include "dump/do_block.h"

bool
ddl_text_has_prefix(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* The begin of the next line, or the end of the text. */
static const char *
next_line(const char *text)
{
    text += strcspn(text, "\n");
    return *text == '\n' ? text + 1 : text;
}

/* A copy whose blank lines at the end are gone. */
static char *
copy_trimmed(const char *text, size_t length)
{
    char *copy;

    while (length > 1 && text[length - 1] == '\n' && text[length - 2] == '\n')
        length--;
    if (length == 1 && text[0] == '\n')
        length = 0;
    copy = mem_alloc(length + 1);
    memcpy(copy, text, length);
    copy[length] = '\0';
    return copy;
}

static const char restrict_command[] = "\\restrict ";

/* Passes the leading comments; the line with \restrict, if there is one, is in *key. */
static const char *
skip_header(const char *script, const char **key)
{
    *key = NULL;
    while (ddl_text_has_prefix(script, "--") || *script == '\n' ||
           (*key == NULL && ddl_text_has_prefix(script, restrict_command)))
    {
        if (*script == '\\')
            *key = script + strlen(restrict_command);
        script = next_line(script);
    }
    return script;
}

/* The length of a script without what pg_restore writes at its end; false if it lacks. */
static bool
measure_without_trailer(const char *script, const char *key, size_t *length)
{
    int key_length = key != NULL ? (int)strcspn(key, "\n") : 0;
    char *trailer = mem_format("--\n-- PostgreSQL database dump complete\n--\n\n%s%.*s%s",
                               key != NULL ? "\\unrestrict " : "", key_length,
                               key != NULL ? key : "", key != NULL ? "\n\n" : "");
    size_t trailer_length = strlen(trailer);
    size_t script_length = strlen(script);
    bool is_whole = script_length >= trailer_length &&
                    strcmp(script + script_length - trailer_length, trailer) == 0;

    *length = is_whole ? script_length - trailer_length : 0;
    free(trailer);
    return is_whole;
}

bool
ddl_text_split(const char *script, DdlParts *parts)
{
    const char *key;
    const char *settings = skip_header(script, &key);
    const char *end = settings;
    size_t length;

    if (!measure_without_trailer(script, key, &length))
        return false;
    while (ddl_text_has_prefix(end, "SET ") ||
           ddl_text_has_prefix(end, "SELECT pg_catalog.set_config("))
        end = next_line(end);
    parts->settings = copy_trimmed(settings, (size_t)(end - settings));
    while (*end == '\n')
        end++;
    /* a script without statements: the comments at its end were taken for the header */
    if (end > script + length)
        end = script + length;
    parts->body = copy_trimmed(end, (size_t)(script + length - end));
    return true;
}

/* The end of a statement: after the semicolon and newline that end it. */
static const char *
skip_statement(const char *text)
{
    const char *end;

    while ((end = sqltext_find(text, ";", NULL)) != NULL && end[1] != '\n')
        text = end + 1;
    return end != NULL ? end + 2 : text + strlen(text);
}

/* What follows the drops: the comment on the first entry, or settings before it. */
static bool
is_first_entry(const char *text)
{
    return ddl_text_has_prefix(text, "--\n-- Name: ") ||
           ddl_text_has_prefix(text, "SET default_tablespace = ") ||
           ddl_text_has_prefix(text, "SET default_table_access_method = ");
}

/* Has the DROP, made with --if-exists, an IF EXISTS? */
static bool
is_conditional(const char *statement)
{
    return ddl_text_has_prefix(statement, "DROP ") ||
           ddl_text_has_prefix(statement, "ALTER TABLE IF EXISTS ");
}

/* What others own, or use, stays. */
static bool
is_of_database(const char *statement)
{
    return ddl_text_has_prefix(statement, "DROP EXTENSION ") ||
           ddl_text_has_prefix(statement, "DROP SCHEMA ");
}

static void
append_drop(PQExpBuffer out, const char *statement, size_t length, bool if_exists)
{
    if (is_of_database(statement))
        do_block_append_caught(out, "drop", statement, length,
                               "insufficient_privilege OR dependent_objects_still_exist",
                               "RAISE WARNING '%', SQLERRM");
    else if (if_exists && !is_conditional(statement))
        do_block_append_caught(
            out, "drop", statement, length,
            "invalid_schema_name OR undefined_table OR undefined_object", "NULL");
    else
        appendBinaryPQExpBuffer(out, statement, length);
}

char *
ddl_text_take_drops(const char *body, bool if_exists)
{
    PQExpBufferData drops;

    initPQExpBuffer(&drops);
    for (const char *text = body; *text != '\0' && !is_first_entry(text);)
    {
        bool is_comment = *text == '\n' || ddl_text_has_prefix(text, "--");
        const char *end = is_comment ? next_line(text) : skip_statement(text);

        if (is_comment)
            appendBinaryPQExpBuffer(&drops, text, (size_t)(end - text));
        else
            append_drop(&drops, text, (size_t)(end - text), if_exists);
        text = end;
    }
    return drops.data; /* as malloc() gave it */
}
