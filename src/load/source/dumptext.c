#include "load/source/dumptext.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/strbuf.h"

void
dumptext_free(DumpCopy *copy)
{
    free(copy->name);
    names_free(&copy->names);
    *copy = (DumpCopy){0};
}

/* ---- the parts of a statement; each advances *next past what it matched */

static void
skip_blanks(const char **next)
{
    *next += strspn(*next, " \t\n");
}

/* Blanks may precede it. */
static bool
take(const char **next, const char *text)
{
    const char *here = *next;
    size_t length = strlen(text);

    skip_blanks(&here);
    if (strncmp(here, text, length) != 0)
        return false;
    *next = here + length;
    return true;
}

/* From after an opening quote to the closing one; doubled quotes become one. */
static bool
take_quoted(const char **next, char quote, PQExpBuffer value)
{
    const char *c = *next;

    for (; *c != '\0'; c++)
    {
        if (*c == quote && c[1] != quote)
        {
            *next = c + 1;
            return true;
        }
        if (*c == quote)
            c++;
        appendPQExpBufferChar(value, *c);
    }
    return false;
}

static bool
take_name(const char **next, PQExpBuffer name)
{
    size_t length;

    skip_blanks(next);
    if (**next == '"')
    {
        (*next)++;
        return take_quoted(next, '"', name);
    }
    length = strcspn(*next, " \t\n.,()'\"");
    appendBinaryPQExpBuffer(name, *next, length);
    *next += length;
    return length > 0;
}

/* schema.table, or just a name, as in the statement. */
static char *
take_qualified(const char **next)
{
    PQExpBufferData ignored;
    const char *start;
    char *text = NULL;
    bool is_good;

    skip_blanks(next);
    start = *next;
    initPQExpBuffer(&ignored);
    is_good = take_name(next, &ignored);
    while (is_good && **next == '.')
    {
        (*next)++;
        is_good = take_name(next, &ignored);
    }
    if (is_good)
        text = mem_copy_part(start, (size_t)(*next - start));
    termPQExpBuffer(&ignored);
    return text;
}

static bool
take_names(const char **next, NameList *names)
{
    bool is_good;

    do
    {
        PQExpBufferData name;

        initPQExpBuffer(&name);
        is_good = take_name(next, &name);
        if (is_good)
            names_add(names, name.data, name.len);
        termPQExpBuffer(&name);
    } while (is_good && take(next, ","));
    return is_good;
}

static bool
is_at_end(const char *next)
{
    skip_blanks(&next);
    return *next == '\0';
}

/* ---- the statements */

bool
dumptext_read_copy(const char *text, DumpCopy *copy)
{
    *copy = (DumpCopy){0};
    if (!take(&text, "COPY ") || (copy->name = take_qualified(&text)) == NULL)
        return false;
    if (take(&text, "(") && !(take_names(&text, &copy->names) && take(&text, ")")))
        return false;
    return take(&text, "FROM stdin") && is_at_end(text);
}

static const char create[] = "CREATE TEMPORARY TABLE pg_sample_postponed AS";

bool
dumptext_is_postponed(const char *text)
{
    return strncmp(text, create, strlen(create)) == 0;
}

bool
dumptext_read_postponed(const char *text, DumpCopy *copy)
{
    *copy = (DumpCopy){0};
    return take(&text, create) && take(&text, "SELECT ") &&
           take_names(&text, &copy->names) && take(&text, "FROM ") &&
           (copy->name = take_qualified(&text)) != NULL && take(&text, "WITH NO DATA") &&
           is_at_end(text);
}

static bool
take_number(const char **next, int64_t *value)
{
    char *end;

    skip_blanks(next);
    errno = 0;
    *value = strtoll(*next, &end, 10);
    if (errno != 0 || end == *next)
        return false;
    *next = end;
    return true;
}

char *
dumptext_read_setval(const char *text, int64_t *value, bool *is_called)
{
    PQExpBufferData name;

    initPQExpBuffer(&name);
    if (take(&text, "SELECT pg_catalog.setval(") && take(&text, "'") &&
        take_quoted(&text, '\'', &name) && take(&text, ",") &&
        take_number(&text, value) && take(&text, ","))
    {
        *is_called = take(&text, "true");
        if ((*is_called || take(&text, "false")) && take(&text, ")") && is_at_end(text))
            return name.data;
    }
    termPQExpBuffer(&name);
    return NULL;
}

char *
dumptext_read_setting(const char *text, const char *name)
{
    PQExpBufferData value;
    bool is_good;

    if (!take(&text, "SET ") || !take(&text, name) || !take(&text, "="))
        return NULL;
    skip_blanks(&text);
    initPQExpBuffer(&value);
    is_good =
        take(&text, "'") ? take_quoted(&text, '\'', &value) : take_name(&text, &value);
    if (is_good && is_at_end(text))
        return value.data;
    termPQExpBuffer(&value);
    return NULL;
}

/* Skips the prefix and what is made of these characters: NULL if there is nothing. */
static const char *
skip_part_of_mark(const char *text, const char *prefix, const char *characters)
{
    size_t length = strlen(prefix);

    if (strncmp(text, prefix, length) != 0 || strspn(text + length, characters) == 0)
        return NULL;
    return text + length + strspn(text + length, characters);
}

bool
dumptext_is_mark(const char *text)
{
    const char *rest = skip_part_of_mark(text, "key ", "0123456789abcdef");

    rest = rest != NULL ? skip_part_of_mark(rest, ", lists ", "0123456789") : NULL;
    return rest != NULL && *rest == '\0';
}
