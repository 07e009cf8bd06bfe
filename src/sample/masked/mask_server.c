#include "sample/masked/mask_server.h"

#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/mem.h"

struct MaskServer
{
    Session *session;
    Db *db;      /* or NULL: not needed yet */
    Db *user_db; /* the same */
};

MaskServer *
mask_server_new(Session *session)
{
    MaskServer *server = mem_alloc_zero(1, sizeof(*server));

    server->session = session;
    return server;
}

void
mask_server_free(MaskServer *server)
{
    if (server == NULL)
        return;
    db_close(server->db);
    db_close(server->user_db);
    free(server);
}

const CopyEncoding *
mask_server_get_encoding(const MaskServer *server)
{
    return &server->session->encoding;
}

int
mask_server_get_encoding_number(const MaskServer *server)
{
    return pg_char_to_encoding(db_encoding(server->session->snapshot_db));
}

Db *
mask_server_get_db(MaskServer *server)
{
    if (server->db == NULL)
        server->db = session_open_beside(server->session, false);
    return server->db;
}

Db *
mask_server_get_user_db(MaskServer *server)
{
    if (server->user_db == NULL)
        server->user_db = session_open_beside(server->session, true);
    return server->user_db;
}

PGresult *
mask_server_compute(MaskServer *server, const MaskColumn *column, const QueryRows *rows)
{
    const Relation *relation = rows->layout->relation;
    const Column *source = &relation->columns[column->column];
    Db *db = mask_server_get_user_db(server);
    PQExpBufferData sql;
    PGresult *result;

    initPQExpBuffer(&sql);
    query_masked_user(&sql, rows, column->spec->sql, source->type_name);
    db_set_context(db, "could not compute mask \"%s\" of column %s of table %s",
                   column->rule, source->qname, relation->qname);
    result = db_query_rule(db, sql.data);
    db_set_context(db, NULL);
    termPQExpBuffer(&sql);
    return result;
}

void
mask_server_try_expressions(Session *session, const MaskPlan *plan,
                            const RowLayout *layouts)
{
    MaskServer *server = mask_server_new(session);

    for (int i = 0; i < plan->n_columns; i++)
    {
        const MaskColumn *column = &plan->columns[i];
        const QueryRows none = {.layout = &layouts[column->relation],
                                .encoding = &session->encoding};

        if (column->spec != NULL && column->spec->sql != NULL)
            PQclear(mask_server_compute(server, column, &none));
    }
    mask_server_free(server);
}

static void
take_lowered(MaskValue *value, const PGresult *result, int row, Arena *arena)
{
    size_t length = (size_t)PQgetlength(result, row, 0);
    char *text = arena_alloc(arena, length + 1);

    memcpy(text, PQgetvalue(result, row, 0), length);
    *value = (MaskValue){.text = text, .length = length};
}

void
mask_server_lower(MaskServer *server, MaskValue **values, size_t n, Arena *arena)
{
    Db *db = mask_server_get_db(server);
    PQExpBufferData sql;
    PGresult *result;

    initPQExpBuffer(&sql);
    query_masked_lower(&sql, values, n, &server->session->encoding);
    db_set_context(db, "could not convert texts to lower case");
    result = db_query(db, sql.data);
    db_set_context(db, NULL);
    if ((size_t)PQntuples(result) != n)
        die_message(EXIT_SERVER, "lower() returned another number of texts");
    for (size_t i = 0; i < n; i++)
        take_lowered(values[i], result, (int)i, arena);
    PQclear(result);
    termPQExpBuffer(&sql);
}
