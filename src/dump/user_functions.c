#include "dump/user_functions.h"

#include "db/sql_text.h"

PGresult *
user_functions_query(Answers *answers, const char *sql)
{
    PGresult *result = answers_query_once(answers, sql_user_functions);
    bool is_any = PQgetvalue(result, 0, 0)[0] == 't';

    PQclear(result);
    return is_any ? answers_query_once(answers, sql) : NULL;
}
