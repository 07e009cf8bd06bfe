#include "db/answers.h"

#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/mem.h"
#include "base/plural.h"
#include "db/answers_store.h"

#define SAVEPOINT "pg_sample_answer"

Answers *
answers_new(Db *db)
{
    Answers *answers = mem_alloc_zero(1, sizeof(*answers));

    answers->db = db;
    answers->server_version = db_server_version(db);
    answers->search_path = db_query_value(db, "SHOW search_path");
    return answers;
}

void
answers_record(Answers *answers)
{
    answers->is_recording = true;
}

static void
drop_all_answers(Answers *answers)
{
    for (size_t i = 0; i < answers->n_items; i++)
    {
        free(answers->items[i].query);
        PQclear(answers->items[i].answer);
    }
    answers->n_items = 0;
    answers->next = 0;
}

void
answers_forget(Answers *answers)
{
    if (!answers->is_replayed)
        drop_all_answers(answers);
}

void
answers_stop(Answers *answers)
{
    answers->is_recording = false;
    answers_forget(answers);
}

void
answers_free(Answers *answers)
{
    if (answers == NULL)
        return;
    drop_all_answers(answers);
    free(answers->items);
    free(answers->search_path);
    free(answers->encoding);
    free(answers);
}

bool
answers_are_kept(const Answers *answers)
{
    return answers->is_recording || answers->is_replayed;
}

bool
answers_are_replayed(const Answers *answers)
{
    return answers->is_replayed;
}

static _Noreturn void
die_unknown(const char *sql)
{
    die(EXIT_SERVER,
        &(Diag){.message = mem_copy_string("the staging schema was made by another "
                                           "version of pg-sample"),
                .detail = mem_format("No answer is stored for: %.200s", sql),
                .hint = mem_copy_string("Use that version for --resume, or sample "
                                        "again.")});
}

static PGresult *
copy_answer(const PGresult *answer)
{
    PGresult *copy = db_succeeded(answer)
                         ? PQcopyResult(answer, PG_COPYRES_ATTRS | PG_COPYRES_TUPLES)
                         : PQmakeEmptyPGresult(NULL, PGRES_FATAL_ERROR);

    if (copy == NULL)
        mem_die();
    return copy;
}

/* Questions come in the order in which they came before, mostly. */
static const Answer *
find_answer(Answers *answers, const char *sql)
{
    for (size_t i = 0; i < answers->n_items; i++)
    {
        size_t position = (answers->next + i) % answers->n_items;

        if (strcmp(answers->items[position].query, sql) == 0)
        {
            answers->next = position + 1;
            return &answers->items[position];
        }
    }
    return NULL;
}

static PGresult *
ask(Answers *answers, Db *db, const char *sql, bool is_kept)
{
    const Answer *answer = find_answer(answers, sql);
    PGresult *result;

    if (answer != NULL)
        return copy_answer(answer->answer);
    if (answers->is_replayed)
        die_unknown(sql);
    result = db_try(db, sql);
    if (is_kept)
        answers_store_keep(answers, mem_copy_string(sql), copy_answer(result));
    return result;
}

PGresult *
answers_try(Answers *answers, const char *sql)
{
    bool is_apart = !answers->is_replayed && !db_is_idle(answers->db);
    PGresult *result;

    if (is_apart)
        db_execute(answers->db, "SAVEPOINT " SAVEPOINT);
    result = ask(answers, answers->db, sql, answers->is_recording);
    if (is_apart)
        db_execute(answers->db,
                   "ROLLBACK TO SAVEPOINT " SAVEPOINT ";RELEASE SAVEPOINT " SAVEPOINT);
    return result;
}

static PGresult *
query(Answers *answers, Db *db, const char *sql, bool is_kept)
{
    PGresult *result = ask(answers, db, sql, is_kept);

    if (db_succeeded(result))
        return result;
    if (answers->is_replayed)
        die_unknown(sql);
    db_error_die(db, result, NULL);
}

PGresult *
answers_query_on(Answers *answers, Db *db, const char *sql)
{
    return query(answers, db, sql, answers->is_recording);
}

PGresult *
answers_query(Answers *answers, const char *sql)
{
    return answers_query_on(answers, answers->db, sql);
}

PGresult *
answers_query_once(Answers *answers, const char *sql)
{
    return query(answers, answers->db, sql, true);
}

PGresult *
answers_query_row(Answers *answers, const char *sql)
{
    return db_query_check_row(answers_query(answers, sql), sql);
}

char *
answers_query_value(Answers *answers, const char *sql)
{
    return db_query_take_value(answers_query_row(answers, sql));
}

void
answers_set_context(Answers *answers, const char *context)
{
    if (answers->is_replayed)
        return;
    if (context != NULL)
        db_set_context(answers->db, "%s", context);
    else
        db_set_context(answers->db, NULL);
}

int
answers_get_server_version(const Answers *answers)
{
    return answers->server_version;
}

const char *
answers_get_search_path(const Answers *answers)
{
    return answers->search_path;
}

const char *
answers_get_encoding(const Answers *answers)
{
    return answers->is_replayed ? answers->encoding : db_encoding(answers->db);
}
