#include "load/stage/copy_error.h"

#include <stdlib.h>
#include <string.h>

/* What follows the table's name, or NULL. */
static const char *
skip_name(const char *context, const char *tail)
{
    const char *found = context != NULL ? strstr(context, tail) : NULL;

    return found != NULL ? found + strlen(tail) : NULL;
}

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Moves to the first number of this line of text; false if it has none. */
static bool
find_number(const char **text)
{
    while (**text != '\0' && **text != '\n' && !is_digit(**text))
        (*text)++;
    return is_digit(**text);
}

/*
 * What follows the table's name in the line that COPY itself adds. Triggers add theirs
 * before it.
 */
static const char *
skip_table(const char *context, const char *table)
{
    static const char copy[] = "COPY ";
    size_t length = strlen(table);

    for (const char *line = context; line != NULL;
         line = (line = strchr(line, '\n')) != NULL ? line + 1 : NULL)
    {
        const char *name = line + strlen(copy);

        if (strncmp(line, copy, strlen(copy)) == 0 && strncmp(name, table, length) == 0 &&
            (name[length] == ',' || (name[length] & 0x80)))
            return name + length;
    }
    return NULL;
}

static bool
read_line_number(const char *text, size_t n_lines, size_t *line)
{
    size_t number = 0;

    if (text == NULL || !find_number(&text))
        return false;
    for (; is_digit(*text); text++)
    {
        number = number * 10 + (size_t)(*text - '0');
        if (number > n_lines)
            return false;
    }
    *line = number;
    return number > 0;
}

bool
copy_error_find_line(const char *context, const char *tail, size_t n_lines, size_t *line)
{
    return read_line_number(skip_name(context, tail), n_lines, line);
}

bool
copy_error_find_line_of(const char *context, const char *table, size_t n_lines,
                        size_t *line)
{
    return read_line_number(skip_table(context, table), n_lines, line);
}

/* Where the name stands as a word that a value may follow, or NULL. */
static const char *
find_word(const char *text, const char *name)
{
    size_t length = strlen(name);
    const char *found = text;

    if (length == 0)
        return NULL;
    while ((found = strstr(found, name)) != NULL)
    {
        char next = found[length];

        if (found > text && found[-1] == ' ' && (next == ':' || next == '\0'))
            return found;
        found++;
    }
    return NULL;
}

int
copy_error_find_column(const char *context, const char *tail, const char *const *names,
                       int n_names)
{
    const char *text = skip_name(context, tail);
    const char *first = NULL;
    int column = -1;

    if (text == NULL || !find_number(&text))
        return -1;
    while (is_digit(*text))
        text++;
    if (*text == ':')
        return -1; /* the line's text comes next, whatever is in it */
    for (int i = 0; i < n_names; i++)
    {
        const char *found = find_word(text, names[i]);

        if (found != NULL && (first == NULL || found < first))
        {
            first = found;
            column = i;
        }
    }
    return column;
}

CopyErrorKind
copy_error_classify(const char *sqlstate)
{
    /* 22 data, 23 constraints (of domains), 54 limits: a row too big, JSON too deep */
    static const char *const data[] = {"22", "23", "54"};
    static const char *const others[] = {"08", "25", "2D", "40",    "53",    "55",
                                         "57", "58", "F0", "42501", "XX001", "XX002"};

    if (sqlstate == NULL)
        return COPY_ERROR_NOT_DATA;
    for (size_t i = 0; i < sizeof(data) / sizeof(data[0]); i++)
    {
        if (strncmp(sqlstate, data[i], strlen(data[i])) == 0)
            return COPY_ERROR_DATA;
    }
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
    {
        if (strncmp(sqlstate, others[i], strlen(others[i])) == 0)
            return COPY_ERROR_NOT_DATA;
    }
    /* input functions of types raise what they like */
    return COPY_ERROR_LIKELY;
}
