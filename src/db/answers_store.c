#include "db/answers_store.h"

#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/mem.h"
#include "base/strbuf.h"
#include "db/row.h"

/*
 * The table has a line 0 for each question, with its text and the numbers of the answer's
 * columns (NULL: the query failed), and a line for each row of the answer. Question 0
 * is what is known without a query.
 */

enum
{
    BYTES_AT_ONCE = 64 * 1024
};

#define ABOUT_SERVER "server_version,search_path,encoding"

void
answers_store_keep(Answers *answers, char *query, PGresult *answer)
{
    MEM_GROW(answers->items, answers->capacity, answers->n_items);
    answers->items[answers->n_items++] = (Answer){.query = query, .answer = answer};
}

/* ---- storing */

typedef struct Writer
{
    Db *db;
    CopyEncoding encoding;
    PQExpBufferData text;
} Writer;

/* One character of a field of COPY; in an array's element quotes are special, too. */
static void
append_character(PQExpBuffer out, char character, bool is_element)
{
    switch (character)
    {
        case '\\':
            appendPQExpBufferStr(out, is_element ? "\\\\\\\\" : "\\\\");
            break;
        case '"':
            appendPQExpBufferStr(out, is_element ? "\\\\\"" : "\"");
            break;
        case '\n':
            appendPQExpBufferStr(out, "\\n");
            break;
        case '\r':
            appendPQExpBufferStr(out, "\\r");
            break;
        case '\t':
            appendPQExpBufferStr(out, "\\t");
            break;
        default:
            appendPQExpBufferChar(out, character);
    }
}

static void
append_answer_text(Writer *writer, const char *text, bool is_element)
{
    while (*text != '\0')
    {
        int length = writer->encoding.char_length(text, writer->encoding.encoding);

        if (length > 1)
            appendBinaryPQExpBuffer(&writer->text, text, (size_t)length);
        else
            append_character(&writer->text, *text, is_element);
        text += length > 1 ? length : 1;
    }
}

static void
append_element(Writer *writer, int position, const char *text)
{
    if (position > 0)
        appendPQExpBufferChar(&writer->text, ',');
    if (text == NULL)
    {
        appendPQExpBufferStr(&writer->text, "NULL");
        return;
    }
    appendPQExpBufferChar(&writer->text, '"');
    append_answer_text(writer, text, true);
    appendPQExpBufferChar(&writer->text, '"');
}

static void
begin_line(Writer *writer, size_t question, int line, const char *query)
{
    appendPQExpBuffer(&writer->text, "%zu\t%d\t", question, line);
    if (query != NULL)
        append_answer_text(writer, query, false);
    else
        appendPQExpBufferStr(&writer->text, "\\N");
    appendPQExpBufferStr(&writer->text, "\t");
}

static void
flush_lines(Writer *writer, size_t limit)
{
    if (writer->text.len < limit)
        return;
    db_copy_in(writer->db, writer->text.data, writer->text.len);
    resetPQExpBuffer(&writer->text);
}

static void
write_about_server(Writer *writer, const Answers *answers)
{
    char *version = mem_format("%d", answers->server_version);

    begin_line(writer, 0, 0, ABOUT_SERVER);
    appendPQExpBufferStr(&writer->text, "{" ABOUT_SERVER "}\n");
    begin_line(writer, 0, 1, NULL);
    appendPQExpBufferChar(&writer->text, '{');
    append_element(writer, 0, version);
    append_element(writer, 1, answers->search_path);
    append_element(writer, 2, db_encoding(answers->db));
    appendPQExpBufferStr(&writer->text, "}\n");
    free(version);
}

static void
write_row(Writer *writer, size_t question, const PGresult *answer, int row)
{
    begin_line(writer, question, row + 1, NULL);
    appendPQExpBufferChar(&writer->text, '{');
    for (int i = 0; i < PQnfields(answer); i++)
        append_element(writer, i,
                       PQgetisnull(answer, row, i) ? NULL : PQgetvalue(answer, row, i));
    appendPQExpBufferStr(&writer->text, "}\n");
    flush_lines(writer, BYTES_AT_ONCE);
}

static void
write_answer(Writer *writer, size_t question, const Answer *answer)
{
    begin_line(writer, question, 0, answer->query);
    if (!db_succeeded(answer->answer))
    {
        appendPQExpBufferStr(&writer->text, "\\N\n");
        return;
    }
    appendPQExpBufferChar(&writer->text, '{');
    for (int i = 0; i < PQnfields(answer->answer); i++)
        appendPQExpBuffer(&writer->text, i > 0 ? ",%d" : "%d", i + 1);
    appendPQExpBufferStr(&writer->text, "}\n");
    for (int i = 0; i < PQntuples(answer->answer); i++)
        write_row(writer, question, answer->answer, i);
}

static void
create_answers_table(Db *db, const char *qschema)
{
    char *sql = mem_format("CREATE UNLOGGED TABLE %s.resume_facts (\n"
                           "    question pg_catalog.int4,\n"
                           "    line pg_catalog.int4,\n"
                           "    query pg_catalog.text,\n"
                           "    answer pg_catalog.text[],\n"
                           "    PRIMARY KEY (question, line)\n"
                           ")",
                           qschema);

    db_execute(db, sql);
    free(sql);
}

void
answers_store(const Answers *answers, Db *db, const char *qschema)
{
    char *sql =
        mem_format("COPY %s.resume_facts (question, line, query, answer) FROM STDIN",
                   qschema);
    Writer writer = {.db = db};

    if (strcmp(db_encoding(db), db_encoding(answers->db)) != 0)
        db_session_set_encoding(db, db_encoding(answers->db));
    writer.encoding = db_copy_encoding(db);
    initPQExpBuffer(&writer.text);
    db_set_context(db, "could not store what --resume needs to know of the schema");
    create_answers_table(db, qschema);
    db_copy_in_begin(db, sql);
    write_about_server(&writer, answers);
    for (size_t i = 0; i < answers->n_items; i++)
        write_answer(&writer, i + 1, &answers->items[i]);
    flush_lines(&writer, 1);
    db_copy_in_end(db);
    db_set_context(db, NULL);
    termPQExpBuffer(&writer.text);
    free(sql);
}

/* ---- loading */

/* The values one by one: the columns' numbers, then row by row. */
static PGresult *
read_answer_values(Db *db, const char *qschema, int question)
{
    char *sql = mem_format("SELECT v.value\n"
                           "  FROM %s.resume_facts AS f\n"
                           "       CROSS JOIN LATERAL pg_catalog.unnest(f.answer)"
                           " WITH ORDINALITY AS v (value, place)\n"
                           " WHERE f.question = %d\n"
                           " ORDER BY f.line, v.place",
                           qschema, question);
    PGresult *values = db_query(db, sql);

    free(sql);
    return values;
}

static void
set_answer_columns(PGresult *answer, const PGresult *values, int n_columns)
{
    PGresAttDesc *columns = mem_alloc_zero((size_t)n_columns + 1, sizeof(PGresAttDesc));

    for (int i = 0; i < n_columns; i++)
        columns[i].name = PQgetvalue(values, i, 0);
    if (PQsetResultAttrs(answer, n_columns, columns) == 0)
        mem_die();
    free(columns);
}

static PGresult *
build_answer(const PGresult *values, int n_columns)
{
    PGresult *answer = PQmakeEmptyPGresult(NULL, PGRES_TUPLES_OK);

    if (answer == NULL)
        mem_die();
    set_answer_columns(answer, values, n_columns);
    for (int i = n_columns; i < PQntuples(values); i++)
    {
        bool is_null = PQgetisnull(values, i, 0) != 0;

        if (PQsetvalue(answer, i / n_columns - 1, i % n_columns,
                       is_null ? NULL : PQgetvalue(values, i, 0),
                       is_null ? -1 : PQgetlength(values, i, 0)) == 0)
            mem_die();
    }
    return answer;
}

static PGresult *
read_answer(Db *db, const char *qschema, int question, int n_columns)
{
    PGresult *values = read_answer_values(db, qschema, question);
    PGresult *answer = build_answer(values, n_columns);

    PQclear(values);
    return answer;
}

static PGresult *
make_failed(void)
{
    PGresult *answer = PQmakeEmptyPGresult(NULL, PGRES_FATAL_ERROR);

    if (answer == NULL)
        mem_die();
    return answer;
}

static void
take_over_encoding(Answers *answers, const char *qschema)
{
    char *sql = mem_format("SELECT answer[3] FROM %s.resume_facts"
                           " WHERE question = 0 AND line = 1",
                           qschema);
    PGresult *result = db_query(answers->db, sql);

    free(sql);
    if (PQntuples(result) != 1)
        die_hint(EXIT_SERVER,
                 "A crash of the server leaves unlogged tables empty; sample again.",
                 "staging schema %s does not hold what --resume needs", qschema);
    answers->encoding = mem_copy_string(PQgetvalue(result, 0, 0));
    PQclear(result);
    db_session_set_encoding(answers->db, answers->encoding);
}

static void
read_about_server(Answers *answers, const char *qschema)
{
    PGresult *answer;
    RowReader row;

    take_over_encoding(answers, qschema);
    answer = read_answer(answers->db, qschema, 0, 3);
    row = row_reader(answer);
    row_next(&row);
    answers->server_version = row_int(&row);
    answers->search_path = mem_copy_string(row_text(&row));
    PQclear(answer);
}

Answers *
answers_store_load(Db *db, const char *qschema)
{
    Answers *answers = mem_alloc_zero(1, sizeof(*answers));
    char *sql = mem_format("SELECT question, query, answer IS NULL,"
                           " pg_catalog.cardinality(answer)\n"
                           "  FROM %s.resume_facts\n"
                           " WHERE line = 0 AND question > 0\n"
                           " ORDER BY question",
                           qschema);
    PGresult *result;
    RowReader row;

    answers->db = db;
    answers->is_replayed = true;
    db_set_context(db, "could not read what is stored for --resume");
    read_about_server(answers, qschema);
    result = db_query(db, sql);
    row = row_reader(result);
    while (row_next(&row))
    {
        int question = row_int(&row);
        char *query = mem_copy_string(row_text(&row));
        bool has_failed = row_bool(&row);
        int n_columns = row_int(&row);

        answers_store_keep(answers, query,
                           has_failed ? make_failed()
                                      : read_answer(db, qschema, question, n_columns));
    }
    db_set_context(db, NULL);
    PQclear(result);
    free(sql);
    return answers;
}
