/*
 * Questions about functions that are not in C (src/sql/user_functions.sql): to plan them
 * takes the server longer than to find that there is no such function.
 */
#ifndef DUMP_USER_FUNCTIONS_H
#define DUMP_USER_FUNCTIONS_H

#include "db/answers.h"

/* The rows, which are asked for once; NULL, which has none, without such functions. */
PGresult *user_functions_query(Answers *answers, const char *sql);

#endif
