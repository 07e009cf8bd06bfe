#include "db/answers.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "db/answers_store.h"

Facts *
facts_new(Db *db)
{
    Facts *facts = mem_alloc_zero(1, sizeof(*facts));

    facts->db = db;
    facts->server_version = db_server_version(db);
    facts->search_path = db_query_value(db, "SHOW search_path");
    return facts;
}

void
facts_record(Facts *facts)
{
    facts->is_recording = true;
}

static void
drop_all(Facts *facts)
{
    for (size_t i = 0; i < facts->n_items; i++)
    {
        free(facts->items[i].query);
        PQclear(facts->items[i].answer);
    }
    facts->n_items = 0;
    facts->next = 0;
}

void
facts_forget(Facts *facts)
{
    if (!facts->is_replayed)
        drop_all(facts);
}

void
facts_stop(Facts *facts)
{
    facts->is_recording = false;
    facts_forget(facts);
}

void
facts_free(Facts *facts)
{
    if (facts == NULL)
        return;
    drop_all(facts);
    free(facts->items);
    free(facts->search_path);
    free(facts->encoding);
    free(facts);
}

bool
facts_are_kept(const Facts *facts)
{
    return facts->is_recording || facts->is_replayed;
}

bool
facts_are_replayed(const Facts *facts)
{
    return facts->is_replayed;
}

static _Noreturn void
die_unknown(const char *sql)
{
    die(EXIT_SERVER,
        &(Diag){.message = mem_copy_string("the staging schema was made by another "
                                           "version of pg-sample"),
                .detail = mem_format("It does not hold the answer to: %.200s", sql),
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
static const Fact *
find(Facts *facts, const char *sql)
{
    for (size_t i = 0; i < facts->n_items; i++)
    {
        size_t position = (facts->next + i) % facts->n_items;

        if (strcmp(facts->items[position].query, sql) == 0)
        {
            facts->next = position + 1;
            return &facts->items[position];
        }
    }
    return NULL;
}

static PGresult *
ask(Facts *facts, Db *db, const char *sql)
{
    const Fact *fact = find(facts, sql);
    PGresult *result;

    if (fact != NULL)
        return copy_answer(fact->answer);
    if (facts->is_replayed)
        die_unknown(sql);
    result = db_try(db, sql);
    if (facts->is_recording)
        facts_keep(facts, mem_copy_string(sql), copy_answer(result));
    return result;
}

PGresult *
facts_try(Facts *facts, const char *sql)
{
    return ask(facts, facts->db, sql);
}

PGresult *
facts_query_on(Facts *facts, Db *db, const char *sql)
{
    PGresult *result = ask(facts, db, sql);

    if (db_succeeded(result))
        return result;
    if (facts->is_replayed)
        die_unknown(sql);
    db_die(db, result, NULL);
}

PGresult *
facts_query(Facts *facts, const char *sql)
{
    return facts_query_on(facts, facts->db, sql);
}

PGresult *
facts_query_row(Facts *facts, const char *sql)
{
    PGresult *result = facts_query(facts, sql);

    if (PQntuples(result) != 1)
        die_message(EXIT_SERVER, "a query returned %d rows where one was expected: %s",
                    PQntuples(result), sql);
    return result;
}

char *
facts_query_value(Facts *facts, const char *sql)
{
    PGresult *result = facts_query_row(facts, sql);
    char *value =
        PQgetisnull(result, 0, 0) ? NULL : mem_copy_string(PQgetvalue(result, 0, 0));

    PQclear(result);
    return value;
}

void
facts_execute(Facts *facts, const char *sql)
{
    if (!facts->is_replayed)
        db_execute(facts->db, sql);
}

void
facts_set_context(Facts *facts, const char *context)
{
    if (facts->is_replayed)
        return;
    if (context != NULL)
        db_set_context(facts->db, "%s", context);
    else
        db_set_context(facts->db, NULL);
}

int
facts_get_server_version(const Facts *facts)
{
    return facts->server_version;
}

const char *
facts_get_search_path(const Facts *facts)
{
    return facts->search_path;
}

const char *
facts_get_encoding(const Facts *facts)
{
    return facts->is_replayed ? facts->encoding : db_encoding(facts->db);
}
