#include "sample/root.h"

#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/mem.h"
#include "db/row.h"
#include "db/sql_text.h"
#include "db/sqlstate.h"
#include "model/rowid.h"
#include "sample/fetch.h"
#include "sample/row_ids.h"

enum
{
    MAX_BATCH = 500000, /* keys in one statement */
    MAX_SHOWN = 60,     /* bytes of a key in a message */
    MAX_DETAIL = 200    /* bytes of the server's message about a value */
};

static void
load_equality(RootColumns *root, Session *session)
{
    char oid[16];
    const char *params[] = {oid};
    PGresult *result;
    RowReader row;

    snprintf(oid, sizeof(oid), "%u", root->relation->oid);
    result = db_query_params(session->snapshot_db, sql_equality, 1, params);
    row = row_reader(result);
    while (row_next(&row))
    {
        int column = catalog_find_attnum(root->relation, (int)row_int(&row));
        const char *text = row_text(&row);

        for (int i = 0; i < root->n_columns; i++)
        {
            if (root->columns[i] == column && root->operators[i] == NULL)
                root->operators[i] = mem_copy_string(text);
        }
    }
    PQclear(result);
}

void
root_keys_init(RootKeys *keys, Session *session, const Relation *relation,
               const int *columns, int n_columns, const char *source)
{
    size_t n = (size_t)n_columns;

    *keys = (RootKeys){.keys = keyset_new(), .source = source};
    keys->columns = (RootColumns){.relation = relation,
                                  .columns = mem_alloc_zero(n, sizeof(int)),
                                  .operators = mem_alloc_zero(n, sizeof(char *)),
                                  .n_columns = n_columns};
    memcpy(keys->columns.columns, columns, n * sizeof(int));
    initPQExpBuffer(&keys->text);
    load_equality(&keys->columns, session);
    for (int i = 0; i < n_columns; i++)
    {
        const Column *column = &relation->columns[columns[i]];

        if (keys->columns.operators[i] == NULL)
            die_hint(EXIT_USAGE, "Select the rows by a condition instead.",
                     "%s: cannot compare values of column %s of table %s, of "
                     "type %s",
                     source, column->qname, relation->qname, column->type_name);
    }
}

void
root_keys_free(RootKeys *keys)
{
    for (int i = 0; i < keys->columns.n_columns; i++)
        free(keys->columns.operators[i]);
    free(keys->columns.operators);
    free(keys->columns.columns);
    keyset_free(keys->keys);
    free(keys->lines);
    termPQExpBuffer(&keys->text);
}

void
root_keys_add_value(RootKeys *keys, const CopyEncoding *encoding, const char *text,
                    size_t length)
{
    /* a tab before each value, so that an empty first value counts as well */
    appendPQExpBufferChar(&keys->text, '\t');
    copytext_append_escaped(&keys->text, text, length, encoding);
}

void
root_keys_end(RootKeys *keys, uint64_t line)
{
    unsigned known;

    if (PQExpBufferDataBroken(keys->text))
        mem_die();
    keyset_add(keys->keys, keys->text.data + 1, keys->text.len - 1, KEY_WANTED, &known);
    if (known == 0 && line > 0)
    {
        MEM_GROW(keys->lines, keys->capacity, keyset_count(keys->keys) - 1);
        keys->lines[keyset_count(keys->keys) - 1] = line;
    }
    resetPQExpBuffer(&keys->text);
}

void
root_keys_add_rule(RootKeys *keys, const CopyEncoding *encoding, const RootRule *rule)
{
    for (size_t i = 0; i < rule->n_keys; i++)
    {
        const KeyText *key = &rule->keys[i];

        for (int j = 0; j < key->n_values; j++)
            root_keys_add_value(keys, encoding, key->values[j], strlen(key->values[j]));
        root_keys_end(keys, 0);
    }
}

/* How many bytes of the text to show; no character of UTF-8 is cut in two. */
static int
cut_short(const char *text, size_t length, size_t most, const char **dots)
{
    *dots = length > most ? "..." : "";
    if (length > most)
    {
        for (length = most; length > 0 && (text[length] & 0xc0) == 0x80;)
            length--;
    }
    return (int)length;
}

char *
root_keys_describe(const RootKeys *keys, size_t key)
{
    size_t length;
    const char *text = keyset_get(keys->keys, key, &length);
    const char *dots;
    int reported = cut_short(text, length, MAX_SHOWN, &dots);
    char *described;

    if (keys->is_hidden)
    {
        reported = 1;
        text = "?";
        dots = "";
    }
    if (keys->lines != NULL)
        described = mem_format("(%.*s%s) in line %llu", reported, text, dots,
                               (unsigned long long)keys->lines[key]);
    else
        described = mem_format("(%.*s%s)", reported, text, dots);
    for (char *c = described; *c != '\0'; c++)
    {
        if (*c == '\t')
            *c = ',';
    }
    return described;
}

/* NULL if all of these values are of their columns' types, else the server's message. */
static char *
check_values(const RootKeys *keys, Session *session, size_t first, size_t n)
{
    Db *db = session->snapshot_db;
    PQExpBufferData sql;
    PGresult *result;
    char *message = NULL;
    const KeyBatch batch = {.set = keys->keys, .first = first, .n = n};

    initPQExpBuffer(&sql);
    db_execute(db, "SAVEPOINT root_values");
    query_down_root_values(&sql, &keys->columns, &batch, &session->encoding);
    result = db_try(db, sql.data);
    if (!db_succeeded(result))
    {
        const char *primary = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);

        /* data exceptions are about values; anything else is not */
        if (primary == NULL || !sqlstate_is(result, SQLSTATE_CLASS_DATA_EXCEPTION))
            db_error_die(db, result, NULL);
        message = mem_copy_string(primary);
    }
    PQclear(result);
    db_execute(db, "ROLLBACK TO SAVEPOINT root_values; RELEASE SAVEPOINT root_values");
    termPQExpBuffer(&sql);
    return message;
}

static void
check_batch(const RootKeys *keys, Session *session, size_t first, size_t n)
{
    char *message = check_values(keys, session, first, n);
    size_t good = 0; /* so many keys from the first one are known to be good */
    Diag diag = {0};
    const char *dots;
    int reported;
    char *which;

    if (message == NULL)
        return;
    while (n - good > 1)
    {
        size_t half = (n - good) / 2;
        char *found = check_values(keys, session, first + good, half);

        if (found == NULL)
            good += half;
        else
        {
            n = good + half;
            free(message);
            message = found;
        }
    }
    which = root_keys_describe(keys, first + good);
    diag_set_message(&diag, "%s: invalid key %s of table %s", keys->source, which,
                     keys->columns.relation->qname);
    reported = cut_short(message, strlen(message), MAX_DETAIL, &dots);
    if (!keys->is_hidden)
        diag_set_detail(&diag, "%.*s%s", reported, message, dots);
    free(message);
    free(which);
    die(EXIT_USAGE, &diag);
}

static size_t
count_root_batch(const KeySet *keys, size_t first)
{
    size_t n = keyset_count(keys);
    size_t bytes = 0;
    size_t batch = 0;

    while (first + batch < n && batch < MAX_BATCH && bytes < FETCH_MAX_BYTES)
    {
        size_t length;

        keyset_get(keys, first + batch++, &length);
        bytes += length + 4;
    }
    return batch;
}

FoundRow *
root_keys_find(const RootKeys *keys, Session *session, size_t *n)
{
    const Relation *relation = keys->columns.relation;
    FoundRow *found = NULL;
    size_t capacity = 0;
    KeyBatch batch = {.set = keys->keys};
    PQExpBufferData sql;

    *n = 0;
    initPQExpBuffer(&sql);
    for (; (batch.n = count_root_batch(keys->keys, batch.first)) > 0;
         batch.first += batch.n)
    {
        Db *db;
        char *line;
        ssize_t length;

        check_batch(keys, session, batch.first, batch.n);
        resetPQExpBuffer(&sql);
        query_down_root_keys(&sql, &keys->columns, &batch, &session->encoding);
        db = session_get_reader(session, relation);
        db_set_context(db, "%s", keys->source);
        db_copy_begin(db, sql.data);
        while ((length = db_copy_row(db, &line)) >= 0)
        {
            char *tab = memchr(line, '\t', (size_t)length);
            size_t used = tab != NULL ? (size_t)(tab - line) + 1 : 0;

            MEM_GROW(found, capacity, *n);
            found[(*n)++] = (FoundRow){.key = batch.first + strtoull(line, NULL, 10) - 1,
                                       .id = row_ids_parse(relation, line + used,
                                                           (size_t)length - used)};
        }
        db_set_context(db, NULL);
    }
    termPQExpBuffer(&sql);
    return found;
}
