/* What answers.c and answers_store.c share. */
#ifndef DB_ANSWERS_STORE_H
#define DB_ANSWERS_STORE_H

#include "db/answers.h"

typedef struct Answer
{
    char *query;
    PGresult *answer; /* without rows and columns when the query failed */
} Answer;

struct Answers
{
    Db *db;
    bool is_recording;
    bool is_replayed;
    int server_version;
    char *search_path;
    char *encoding; /* of a replay */
    Answer *items;
    size_t n_items;
    size_t capacity;
    size_t next; /* where the next question is looked for first */
};

/* Takes over both. */
void answers_store_keep(Answers *answers, char *query, PGresult *answer);

#endif
