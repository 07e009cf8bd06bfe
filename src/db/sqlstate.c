#include "db/sqlstate.h"

#include <string.h>

#include <libpq-fe.h>

bool
sqlstate_matches(const char *sqlstate, const char *const *sqlstates)
{
    for (size_t i = 0; sqlstate != NULL && sqlstates[i] != NULL; i++)
    {
        if (strncmp(sqlstate, sqlstates[i], strlen(sqlstates[i])) == 0)
            return true;
    }
    return false;
}

bool
sqlstate_is_any(const PGresult *result, const char *const *sqlstates)
{
    return sqlstate_matches(PQresultErrorField(result, PG_DIAG_SQLSTATE), sqlstates);
}

bool
sqlstate_is(const PGresult *result, const char *sqlstate)
{
    return sqlstate_is_any(result, (const char *const[]){sqlstate, NULL});
}

bool
sqlstate_is_created_meanwhile(const PGresult *result)
{
    return sqlstate_is_any(result,
                           (const char *const[]){SQLSTATE_DUPLICATE_OBJECT,
                                                 SQLSTATE_DUPLICATE_SCHEMA,
                                                 SQLSTATE_DUPLICATE_TABLE,
                                                 SQLSTATE_UNIQUE_VIOLATION, NULL});
}
