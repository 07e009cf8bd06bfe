#include "db/db_error.h"

#include <string.h>

#include "base/log.h"
#include "base/strbuf.h"
#include "db/db_internal.h"
#include "db/row.h"
#include "db/sql_text.h"

/* Who keeps us waiting, as a second connection sees it. */
static void
db_append_blockers(const Db *db, PQExpBuffer text)
{
    Db *other = db_try_connect_again(db);
    PGresult *result = other != NULL ? db_ask(other, sql_lock_blockers) : NULL;
    RowReader row = row_reader(result);

    while (db_succeeded(result) && row_next(&row))
    {
        const char *pid = row_text(&row);
        const char *relation = row_text(&row);
        const char *user = row_text(&row);
        const char *query = row_text(&row);

        appendPQExpBuffer(
            text, "%sProcess %s (%s) has or awaits an exclusive lock on %s: %.200s",
            text->len > 0 ? "\n" : "", pid, user, relation, query);
    }
    PQclear(result);
    db_close(other);
}

char *
db_describe_blockers(const Db *db)
{
    PQExpBufferData text;

    initPQExpBuffer(&text);
    db_append_blockers(db, &text);
    if (text.len > 0)
        return text.data;
    termPQExpBuffer(&text);
    return NULL;
}

char *
db_error_detail(const Db *db, const PGresult *result)
{
    const char *detail = PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL);
    const char *where = PQresultErrorField(result, PG_DIAG_CONTEXT);
    const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    PQExpBufferData text;

    initPQExpBuffer(&text);
    if (detail != NULL)
        appendPQExpBuffer(&text, "%s", detail);
    if (where != NULL)
        appendPQExpBuffer(&text, "%s%s", text.len > 0 ? "\n" : "", where);
    if (sqlstate != NULL && log_is_verbose())
        appendPQExpBuffer(&text, "%sSQLSTATE %s", text.len > 0 ? "\n" : "", sqlstate);
    if (db_has_sqlstate(result, LOCK_NOT_AVAILABLE))
        db_append_blockers(db, &text);
    if (text.len > 0)
        return text.data;
    termPQExpBuffer(&text);
    return NULL;
}

bool
db_error_is_obstacle(const PGresult *result)
{
    static const char *const reasons[] = {
        "25006", /* the server is read-only */
        "42501", /* a privilege is missing */
        "42P06", /* a schema of that name has come meanwhile */
        "55P03", /* others wait behind our locks */
        "0A000", /* not supported by this server */
        "53",    /* no disk, memory, lock slot or connection is left */
        "54",    /* more columns or longer rows than a table may have */
        "58",    /* the server's disk fails */
        "P0001"  /* an event trigger forbids it */
    };
    const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);

    for (size_t i = 0; sqlstate != NULL && i < sizeof(reasons) / sizeof(reasons[0]); i++)
    {
        if (strncmp(sqlstate, reasons[i], strlen(reasons[i])) == 0)
            return true;
    }
    return false;
}

bool
db_error_is_final(const Db *db, const PGresult *result)
{
    static const char *const classes[] = {"0A", "21", "22", "2F", "38", "39", "42", "P0"};
    const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);

    if (db_has_sqlstate(result, QUERY_CANCELED) ||
        db_has_sqlstate(result, UNTRANSLATABLE_CHARACTER))
        return true;
    if (!db->is_for_user || sqlstate == NULL ||
        db_has_sqlstate(result, INSUFFICIENT_PRIVILEGE))
        return false;
    for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
    {
        if (strncmp(sqlstate, classes[i], 2) == 0)
            return true;
    }
    return false;
}
