/*
 * Adapts pg_restore's statements to databases in which an administrator has prepared what
 * an ordinary role cannot make, and to servers of other minor releases.
 *
 * The script is not parsed as SQL. It is split into statements (base/sqlscript.h), which
 * are known by how they begin, since pg_restore writes each of them in one form only; a
 * statement that is not known stays as it is. What can fail becomes a DO block with a
 * condition or an exception handler. For example
 *
 *     CREATE SCHEMA app;
 *
 * becomes
 *
 *     DO $schema$ BEGIN
 *     IF pg_catalog.to_regnamespace('app') IS NULL THEN
 *         CREATE SCHEMA app;
 *     END IF;
 *     END $schema$;
 *
 * Pure: no server, no output.
 */
#include "dump/ddl_text.h"

#include <stdlib.h>
#include <string.h>

#include "base/copytext.h"
#include "base/mem.h"
#include "base/sqlscript.h"
#include "dump/ddl_text.h"
#include "dump/do_block.h"
#include "model/sql_expression.h"

static const char create_schema[] = "CREATE SCHEMA ";

/* CREATE SCHEMA IF NOT EXISTS checks the privilege before it looks for the schema. */
static void
append_create_schema(PQExpBuffer out, const char *statement)
{
    const char *name = statement + strlen(create_schema);
    PQExpBufferData body;

    initPQExpBuffer(&body);
    appendPQExpBufferStr(&body, "IF pg_catalog.to_regnamespace(");
    copytext_append_string(&body, name, strlen(name) - 1);
    appendPQExpBuffer(&body, ") IS NULL THEN\n    %s\nEND IF;\n", statement);
    do_block_append(out, "schema", body.data);
    termPQExpBuffer(&body);
}

/* Where the options of a column begin that the statement sets, or NULL. */
static const char *
find_column_options(const char *statement)
{
    static const char set[] = "SET (";
    const char *piece = statement;

    if (!ddl_text_has_prefix(statement, "ALTER "))
        return NULL;
    while (piece != NULL && *piece != '\0')
    {
        if (ddl_text_has_prefix(piece, set))
            return piece + strlen(set);
        piece = sql_expression_skip_piece(piece);
    }
    return NULL;
}

/* Appends the options that are not a server's own; false if there is none. */
static bool
append_public_options(PQExpBuffer out, const char *options, const char **rest)
{
    bool has_any = false;

    for (const char *end = options; end != NULL && *end != ')' && *end != '\0';)
    {
        options += strspn(options, " ,");
        end = sql_expression_find_end(options);
        if (end != NULL && !ddl_text_has_prefix(options, "pg_"))
        {
            appendPQExpBufferStr(out, has_any ? ", " : "");
            appendBinaryPQExpBuffer(out, options, (size_t)(end - options));
            has_any = true;
        }
        options = end;
    }
    *rest = options;
    return has_any;
}

/* False, with nothing written, where the statement sets no such options. */
static bool
append_column_options(PQExpBuffer out, const char *statement)
{
    const char *options = find_column_options(statement);
    const char *rest;
    size_t length = out->len;

    if (options == NULL || strstr(options, "pg_") == NULL)
        return false;
    appendBinaryPQExpBuffer(out, statement, (size_t)(options - statement));
    if (append_public_options(out, options, &rest))
    {
        appendPQExpBuffer(out, "%s\n", rest);
        return true;
    }
    out->len = length;
    out->data[length] = '\0';
    return true;
}

/* False, with nothing written, for a statement that stays as it is. */
static bool
append_adapted(PQExpBuffer out, const char *statement)
{
    if (ddl_text_has_prefix(statement, create_schema))
        append_create_schema(out, statement);
    else if (ddl_text_has_prefix(statement, "COMMENT ON EXTENSION ") ||
             ddl_text_has_prefix(statement, "COMMENT ON SCHEMA "))
        do_block_append_caught(out, "comment", statement, strlen(statement),
                               "insufficient_privilege", "NULL");
    else
        return append_column_options(out, statement);
    return true;
}

/* Appends what was scanned up to next, the end of a statement, and moves next past it. */
static void
append_statement(PQExpBuffer out, const char *copied, const char **next)
{
    const char *begin = copied + strspn(copied, " \t\r\n");
    char *statement = mem_format("%.*s", (int)(*next - begin), begin);

    appendBinaryPQExpBuffer(out, copied, (size_t)(begin - copied));
    if (!append_adapted(out, statement))
        appendPQExpBufferStr(out, statement);
    else if (**next == '\n')
        (*next)++;
    free(statement);
}

char *
ddl_adapt(const char *ddl)
{
    const char *copied = ddl;
    PQExpBufferData out;
    SqlScript script;

    initPQExpBuffer(&out);
    sqlscript_init(&script);
    for (const char *next = ddl; *next != '\0';)
    {
        const char *line_end = strchr(next, '\n');

        line_end = line_end != NULL ? line_end + 1 : next + strlen(next);
        while (next < line_end)
        {
            SqlScriptEvent event = sqlscript_next(&script, &next, line_end);

            if (event == SQLSCRIPT_STATEMENT)
                append_statement(&out, copied, &next);
            else if (event != SQLSCRIPT_MORE)
                appendBinaryPQExpBuffer(&out, copied, (size_t)(next - copied));
            if (event != SQLSCRIPT_MORE)
                copied = next;
        }
    }
    appendPQExpBufferStr(&out, copied);
    sqlscript_free(&script);
    return out.data; /* as malloc() gave it */
}
