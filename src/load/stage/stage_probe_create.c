#include <stdlib.h>

#include "base/mem.h"
#include "base/strbuf.h"
#include "db/db.h"
#include "db/row.h"
#include "db/sql_text.h"
#include "load/stage/stage_internal.h"

enum
{
    CALLS_AT_ONCE = 50 /* num_nulls() takes up to 100 arguments */
};

typedef struct ProbeCall
{
    int column; /* from 1; 0: of none */
    const char *sql;
} ProbeCall;

/* The value of the expression is of no interest. It takes results of any type. */
static void
append_calls(PQExpBuffer sql, const char *before, const ProbeCall *calls, int n_calls,
             const char *after)
{
    appendPQExpBuffer(sql, "%spg_catalog.num_nulls(", before);
    for (int i = 0; i < n_calls; i++)
        appendPQExpBuffer(sql, "%s%s", i > 0 ? ", " : "", calls[i].sql);
    appendPQExpBuffer(sql, ")%s;\n", after);
}

/* Calls as many as may be at once. */
static void
append_all_calls(PQExpBuffer sql, const char *before, const ProbeCall *calls, int n_calls,
                 const char *after)
{
    for (int i = 0; i < n_calls; i += CALLS_AT_ONCE)
        append_calls(sql, before, calls + i,
                     n_calls - i < CALLS_AT_ONCE ? n_calls - i : CALLS_AT_ONCE, after);
}

/*
 * The first statements run nothing: what is wrong with the calls as such (a missing
 * privilege, for one) must not be taken for an error of a value.
 */
static char *
format_body(const ProbeCall *calls, int n_calls)
{
    PQExpBufferData sql;

    initPQExpBuffer(&sql);
    appendPQExpBufferStr(&sql, "DECLARE\n"
                               "  line pg_temp." PROBE_NAME ";\n"
                               "  n pg_catalog.int4;\n"
                               "BEGIN\n");
    append_all_calls(&sql, "PERFORM ", calls, n_calls, " WHERE false");
    appendPQExpBufferStr(&sql, "FOR line IN SELECT * FROM pg_temp." PROBE_NAME " LOOP\n"
                               "BEGIN\n");
    append_all_calls(&sql, "n := ", calls, n_calls, "");
    appendPQExpBufferStr(&sql, "EXCEPTION WHEN OTHERS THEN\n"
                               "BEGIN\n");
    for (int i = 0; i < n_calls; i++)
    {
        appendPQExpBuffer(&sql, "field := %d;\n", calls[i].column);
        append_calls(&sql, "n := ", calls + i, 1, "");
    }
    appendPQExpBufferStr(&sql, "EXCEPTION WHEN OTHERS THEN\n"
                               "GET STACKED DIAGNOSTICS state := RETURNED_SQLSTATE,"
                               " reason := MESSAGE_TEXT;\n"
                               "record := line.record;\n"
                               "RETURN NEXT;\n"
                               "END;\n"
                               "END;\n"
                               "END LOOP;\n"
                               "END");
    return sql.data;
}

static void
append_create(PQExpBuffer sql, Db *db, int n_columns, const char *type,
              const ProbeCall *calls, int n_calls)
{
    char *body = format_body(calls, n_calls);
    char *literal = db_quote_literal(db, body);

    appendPQExpBufferStr(sql, "CREATE TEMPORARY TABLE " PROBE_NAME " (");
    for (int i = 1; i <= n_columns; i++)
        appendPQExpBuffer(sql, "c%d %s, ", i, type);
    appendPQExpBuffer(sql,
                      "record pg_catalog.int8) ON COMMIT DROP;\n"
                      "CREATE FUNCTION pg_temp." PROBE_NAME "()\n"
                      "RETURNS TABLE (record pg_catalog.int8, field pg_catalog.int4,"
                      " state pg_catalog.text, reason pg_catalog.text)\n"
                      "LANGUAGE plpgsql AS %s",
                      literal);
    PQfreemem(literal);
    free(body);
}

char *
stage_probe_create_quote_encoding(const StageCopy *copy)
{
    return db_quote_literal(copy->db, copy->encoding != NULL ? copy->encoding
                                                             : db_encoding(copy->db));
}

/* For lines as a whole: COPY looks at their bytes before it looks for fields. */
static void
append_create_bytes(PQExpBuffer sql, const StageCopy *copy)
{
    char *literal = stage_probe_create_quote_encoding(copy);
    char *call = mem_format("pg_catalog.convert_from(line.c1, %s)", literal);

    append_create(sql, copy->db, 1, "pg_catalog.bytea", &(ProbeCall){.sql = call}, 1);
    free(call);
    PQfreemem(literal);
}

static void
append_create_values(PQExpBuffer sql, const StageCopy *copy)
{
    PGresult *result =
        db_query_params(copy->db, sql_load_input_calls, 1, &copy->table->stage);
    RowReader row = row_reader(result);
    int n_calls = PQntuples(result);
    ProbeCall *calls = mem_alloc_zero((size_t)n_calls + 1, sizeof(*calls));

    for (int i = 0; i < n_calls && row_next(&row); i++)
    {
        calls[i].column = row_int(&row);
        calls[i].sql = row_text(&row);
    }
    if (n_calls > 0)
        append_create(sql, copy->db, copy->n_fields, "pg_catalog.text", calls, n_calls);
    free(calls);
    PQclear(result);
}

char *
stage_probe_create(const StageCopy *copy, ProbeKind kind)
{
    PQExpBufferData sql;

    initPQExpBuffer(&sql);
    if (kind == PROBE_BYTES)
        append_create_bytes(&sql, copy);
    else
        append_create_values(&sql, copy);
    return sql.data;
}
