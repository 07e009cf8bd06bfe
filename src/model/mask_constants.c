#include "model/mask_constants.h"

#include <string.h>

#include "base/copytext.h"
#include "base/strbuf.h"
#include "model/mask_facts.h"

/*
 * A cast, of an array for an array of it; and whether the value is too long, since a cast
 * cuts.
 */
static void
append_cast(PQExpBuffer sql, const MaskTarget *target, const Column *column,
            const char *value)
{
    appendPQExpBufferStr(sql, target->is_array ? "ARRAY[" : "");
    copytext_append_string(sql, value, strlen(value));
    appendPQExpBuffer(sql, "%s::%s IS NULL", target->is_array ? "::pg_catalog.text]" : "",
                      column->declared_type);
    if (target->max_length == 0)
        return;
    appendPQExpBufferStr(sql, " OR pg_catalog.char_length(");
    copytext_append_string(sql, value, strlen(value));
    appendPQExpBuffer(sql, ") OPERATOR(pg_catalog.>) %d", target->max_length);
}

static bool
check_constant(const MaskTarget *target, const Column *column, const char *value,
               Answers *answers, Diag *diag)
{
    PQExpBufferData sql;
    PGresult *result;
    const char *message;
    bool is_cast;
    bool is_good;

    initPQExpBuffer(&sql);
    appendPQExpBufferStr(&sql, "SELECT ");
    append_cast(&sql, target, column, value);
    result = answers_try(answers, sql.data);
    is_cast = PQresultStatus(result) == PGRES_TUPLES_OK;
    is_good = is_cast && PQgetvalue(result, 0, 0)[0] == 'f';
    message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    if (!is_cast)
        diag_set_message(diag, "its type %s does not take the value \"%s\"",
                         mask_facts_show_type(column), value);
    else if (!is_good)
        diag_set_message(diag, "its type %s has no room for the value \"%s\"",
                         mask_facts_show_type(column), value);
    if (!is_cast && message != NULL)
        diag_set_detail(diag, "The server says: %s.", message);
    PQclear(result);
    termPQExpBuffer(&sql);
    return is_good;
}

bool
mask_constants_check(const MaskSpec *spec, const MaskTarget *target, const Column *column,
                     Answers *answers, Diag *diag)
{
    int n;
    const char *const *values = mask_spec_get_constants(spec, &n);

    for (int i = 0; i < n; i++)
    {
        if (!check_constant(target, column, values[i], answers, diag))
            return false;
    }
    return true;
}
