#include "load/stage/copy_error.h"

#include <string.h>

#include "db/sqlstate.h"

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
 * What follows the table's name in the line of the context that is of COPY; lines of
 * triggers precede it.
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

/* The name as a word, before a value or at the end; or NULL. */
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
        return -1; /* the text of the line follows */
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
    static const char *const data[] = {SQLSTATE_CLASS_DATA_EXCEPTION,
                                       SQLSTATE_CLASS_INTEGRITY_CONSTRAINT_VIOLATION,
                                       SQLSTATE_CLASS_PROGRAM_LIMIT_EXCEEDED, NULL};
    static const char *const others[] = {SQLSTATE_CLASS_CONNECTION_EXCEPTION,
                                         SQLSTATE_CLASS_INVALID_TRANSACTION_STATE,
                                         SQLSTATE_CLASS_INVALID_TRANSACTION_TERMINATION,
                                         SQLSTATE_CLASS_TRANSACTION_ROLLBACK,
                                         SQLSTATE_CLASS_INSUFFICIENT_RESOURCES,
                                         SQLSTATE_CLASS_OBJECT_NOT_IN_PREREQUISITE_STATE,
                                         SQLSTATE_CLASS_OPERATOR_INTERVENTION,
                                         SQLSTATE_CLASS_SYSTEM_ERROR,
                                         SQLSTATE_CLASS_CONFIG_FILE_ERROR,
                                         SQLSTATE_INSUFFICIENT_PRIVILEGE,
                                         SQLSTATE_DATA_CORRUPTED,
                                         SQLSTATE_INDEX_CORRUPTED,
                                         NULL};

    if (sqlstate_matches(sqlstate, data))
        return COPY_ERROR_DATA;
    if (sqlstate == NULL || sqlstate_matches(sqlstate, others))
        return COPY_ERROR_NOT_DATA;
    /* input functions of types can raise any error */
    return COPY_ERROR_LIKELY;
}
