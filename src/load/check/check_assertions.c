/* A part of check.h: queries of the user, which must not return rows. */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/plural.h"
#include "db/db.h"
#include "load/check/check_internal.h"

#define SAVEPOINT "pg_sample_load_assertion"
#define CURSOR "pg_sample_load_assertion"

/* The SQL of the user, in parentheses, so that it can only be one query. */
static void
append_assertion(PQExpBuffer sql, const LoadTable *table, const char *text)
{
    static const char staging[] = "{staging}";
    static const char target[] = "{target}";
    size_t length = strlen(text);

    while (length > 0 && strchr(" \t\r\n;", text[length - 1]) != NULL)
        length--;
    appendPQExpBufferStr(sql, "DECLARE " CURSOR " CURSOR FOR\n"
                              "SELECT pg_catalog.row_to_json(" CURSOR ")\n"
                              "  FROM (\n");
    for (size_t i = 0; i < length; i++)
    {
        if (strncmp(text + i, staging, strlen(staging)) == 0)
        {
            appendPQExpBufferStr(sql, table->stage);
            i += strlen(staging) - 1;
        }
        else if (strncmp(text + i, target, strlen(target)) == 0)
        {
            appendPQExpBufferStr(sql, table->qname);
            i += strlen(target) - 1;
        }
        else
            appendPQExpBufferChar(sql, text[i]);
    }
    appendPQExpBufferStr(sql, "\n) AS " CURSOR);
}

static void
check_assertion(LoadBatch *batch, const LoadTable *table, const LoadAssertion *assertion,
                Findings *findings)
{
    PQExpBufferData sql;
    PGresult *first;

    initPQExpBuffer(&sql);
    append_assertion(&sql, table, assertion->sql);
    db_set_context(batch->db, "could not run check \"%s\" of %s", assertion->name,
                   table->name);
    PQclear(db_query_rule(batch->db, sql.data));
    first = db_query_rule(batch->db, "FETCH 1 FROM " CURSOR);
    if (PQntuples(first) > 0)
    {
        PGresult *others = db_query_rule(batch->db, "MOVE ALL IN " CURSOR);
        long long n = 1 + strtoll(PQcmdTuples(others), NULL, 10);

        if (assertion->is_warning)
            log_warning("%s: check \"%s\" found %lld row%s, the first of them: %s",
                        table->name, assertion->name, n, plural(n),
                        PQgetvalue(first, 0, 0));
        else
            findings_add(findings, NULL,
                         "%s: check \"%s\" found %lld row%s, the first of them: %s",
                         table->name, assertion->name, n, plural(n),
                         PQgetvalue(first, 0, 0));
        PQclear(others);
    }
    PQclear(db_query_rule(batch->db, "CLOSE " CURSOR));
    db_set_context(batch->db, NULL);
    PQclear(first);
    termPQExpBuffer(&sql);
}

static void
check_table_assertions(LoadBatch *batch, const LoadTable *table, Findings *findings)
{
    for (size_t i = 0; i < table->settings->n_assertions; i++)
    {
        const LoadAssertion *assertion = &table->settings->assertions[i];

        if (table->stage == NULL && strstr(assertion->sql, "{staging}") != NULL)
            findings_add(findings, "Use --staging=always.",
                         "%s: check \"%s\" uses {staging}, but there is no staging "
                         "table",
                         table->name, assertion->name);
        else
            check_assertion(batch, table, assertion, findings);
    }
}

/* Is a transaction open, begun before this statement? */
static bool
is_in_transaction(Db *db)
{
    char *answer = db_query_value(db, "SELECT pg_catalog.now() OPERATOR(pg_catalog.<>) "
                                      "pg_catalog.statement_timestamp()");
    bool is_open = answer[0] == 't';

    free(answer);
    return is_open;
}

void
check_assertions(LoadBatch *batch, Findings *findings)
{
    Db *db = batch->db;
    size_t n_assertions = 0;
    bool is_inside;

    for (int i = 0; i < batch->n_tables; i++)
        n_assertions += batch->tables[i].settings->n_assertions;
    if (n_assertions == 0)
        return;
    is_inside = is_in_transaction(db);
    db_execute(db, is_inside ? "SAVEPOINT " SAVEPOINT : "BEGIN");
    db_execute(db, "SET LOCAL transaction_read_only = on");
    for (int i = 0; i < batch->n_tables; i++)
        check_table_assertions(batch, &batch->tables[i], findings);
    db_execute(db, is_inside ? "ROLLBACK TO SAVEPOINT " SAVEPOINT : "ROLLBACK");
    if (is_inside)
        db_execute(db, "RELEASE SAVEPOINT " SAVEPOINT);
}
