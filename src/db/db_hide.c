/*
 * What the server reports may show values of rows: "invalid input syntax for type uuid:
 * "x"", the context of functions, statements of other sessions. Where values are masked,
 * such texts are not shown.
 */
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "db/db_internal.h"
#include "db/sqlstate.h"

static bool hides_values;
static bool has_warned;
static PQnoticeReceiver default_receiver;

void
db_hide_values(void)
{
    hides_values = true;
}

/* Errors in values, and what functions of the source raise, whatever its SQLSTATE. */
bool
db_hide_concerns(const PGresult *result)
{
    static const char *const of_values[] = {
        SQLSTATE_CLASS_CARDINALITY_VIOLATION,
        SQLSTATE_CLASS_DATA_EXCEPTION,
        SQLSTATE_CLASS_INTEGRITY_CONSTRAINT_VIOLATION,
        SQLSTATE_CLASS_SQL_ROUTINE_EXCEPTION,
        SQLSTATE_CLASS_EXTERNAL_ROUTINE_EXCEPTION,
        SQLSTATE_CLASS_EXTERNAL_ROUTINE_INVOCATION_EXCEPTION,
        SQLSTATE_CLASS_WITH_CHECK_OPTION_VIOLATION,
        SQLSTATE_CLASS_PLPGSQL_ERROR,
        NULL};
    /* these have bytes of one character */
    static const char *const of_characters[] = {SQLSTATE_CHARACTER_NOT_IN_REPERTOIRE,
                                                SQLSTATE_UNTRANSLATABLE_CHARACTER, NULL};
    const char *function = PQresultErrorField(result, PG_DIAG_SOURCE_FUNCTION);

    if (!hides_values || sqlstate_is_any(result, of_characters))
        return false;
    return (sqlstate_is_any(result, of_values) ||
            (function != NULL && strcmp(function, "exec_stmt_raise") == 0));
}

bool
db_hide_concerns_detail(const PGresult *result)
{
    return hides_values && (db_hide_concerns(result) ||
                            PQresultErrorField(result, PG_DIAG_CONTEXT) != NULL);
}

bool
db_hide_is_on(void)
{
    return hides_values;
}

char *
db_hide_make_message(const PGresult *result)
{
    return mem_format("SQLSTATE %s, with a text that is not shown, since it may have "
                      "values that are to be masked",
                      PQresultErrorField(result, PG_DIAG_SQLSTATE));
}

static void
receive_notice(void *context, const PGresult *result)
{
    if (!hides_values)
        default_receiver(context, result);
    else if (!has_warned)
    {
        has_warned = true;
        log_warning("the server reported notices, which are not shown, since they may "
                    "have values that are to be masked");
    }
}

void
db_hide_watch_notices(PGconn *connection)
{
    default_receiver = PQsetNoticeReceiver(connection, receive_notice, NULL);
}
