#include "db/trust.h"

#include "base/mem.h"
#include "db/row.h"
#include "db/sql_text.h"

static SchemaTrust
judge_schema(const TrustQuestion *question, RowReader *row, Diag *diag)
{
    const char *owner = row_text(row);
    bool is_own;
    bool is_open;
    bool is_shared;
    const char *table;

    (void)row_text(row);
    is_own = row_bool(row);
    is_open = row_bool(row);
    is_shared = row_bool(row) && question->is_to_drop;
    table = row_text(row);
    if (is_own && !is_open && !is_shared && table == NULL)
        return TRUST_OWN;
    if (!is_own)
    {
        diag_set_message(diag, "schema \"%s\" belongs to role \"%s\"", question->schema,
                         owner);
        diag_set_detail(diag, "What is in it could run code of that role; it is neither "
                              "read nor changed.");
    }
    else if (is_shared)
    {
        diag_set_message(diag, "schema \"%s\" has objects of other roles in it",
                         question->schema);
        diag_set_detail(diag, "They are not dropped.");
    }
    else if (is_open)
    {
        diag_set_message(diag, "other roles can change new tables in schema \"%s\"",
                         question->schema);
        diag_set_detail(diag,
                        "They have the privilege USAGE on it, and get others by the "
                        "default privileges of role \"%s\".",
                        owner);
    }
    else
    {
        diag_set_message(diag, "table \"%s\" in schema \"%s\" cannot be trusted: %s",
                         table, question->schema, row_text(row));
    }
    diag_set_hint(diag, "Name another schema with %s.", question->option);
    return TRUST_FOREIGN;
}

/* Asked first, since to plan what is asked of a schema takes longer than the answer. */
static bool
schema_exists(Db *db, const char *schema)
{
    PGresult *result = db_query_params(db,
                                       "SELECT FROM pg_catalog.pg_namespace AS n"
                                       " WHERE n.nspname OPERATOR(pg_catalog.=)"
                                       " $1::pg_catalog.text",
                                       1, &schema);
    bool is_there = PQntuples(result) > 0;

    PQclear(result);
    return is_there;
}

SchemaTrust
trust_ask(Db *db, const TrustQuestion *question, char **comment, Diag *diag)
{
    const char *values[] = {question->schema, question->tables, question->table,
                            question->has_rows ? "t" : "f"};
    PGresult *result = schema_exists(db, question->schema)
                           ? db_query_params(db, sql_schema_trust, 4, values)
                           : NULL;
    RowReader row = row_reader(result);
    SchemaTrust trust = TRUST_MISSING;

    if (comment != NULL)
        *comment =
            PQntuples(result) > 0 ? mem_copy_string(PQgetvalue(result, 0, 1)) : NULL;
    if (row_next(&row))
        trust = judge_schema(question, &row, diag);
    PQclear(result);
    return trust;
}
