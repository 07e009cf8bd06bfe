#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "db/db_internal.h"

void
db_settings_remember(Db *db, const char *name, const char *value)
{
    DbSettings *settings = db->settings;
    size_t i = 0;

    free(settings->prefix);
    settings->prefix = NULL;
    while (i < settings->n_items && strcmp(settings->items[i].name, name) != 0)
        i++;
    if (i == settings->n_items)
    {
        MEM_GROW(settings->items, settings->capacity, settings->n_items);
        settings->items[settings->n_items++] = (DbSetting){.name = mem_copy_string(name)};
    }
    free(settings->items[i].value);
    settings->items[i].value = mem_copy_string(value);
}

void
db_settings_free(DbSettings *settings)
{
    if (settings == NULL)
        return;
    for (size_t i = 0; i < settings->n_items; i++)
    {
        free(settings->items[i].name);
        free(settings->items[i].value);
    }
    free(settings->items);
    free(settings->prefix);
    free(settings);
}

/* What is set for the transactions to come counts for the one that has begun. */
static const char *
name_locally(const char *name)
{
    return strcmp(name, "default_transaction_read_only") == 0 ? "transaction_read_only"
                                                              : name;
}

const char *
db_settings_get_prefix(Db *db)
{
    DbSettings *settings = db->settings;
    PQExpBufferData sql;

    if (settings->prefix != NULL)
        return settings->prefix;
    initPQExpBuffer(&sql);
    for (size_t i = 0; i < settings->n_items; i++)
    {
        const DbSetting *setting = &settings->items[i];
        char *literal = db_quote_literal(db, setting->value);

        /* SET takes a search_path as names, not as one text */
        if (strcmp(setting->name, "search_path") == 0 && *setting->value != '\0')
            appendPQExpBuffer(&sql,
                              "SELECT pg_catalog.set_config('search_path', %s, true);\n",
                              literal);
        else
            appendPQExpBuffer(&sql, "SET LOCAL %s = %s;\n", name_locally(setting->name),
                              literal);
        PQfreemem(literal);
    }
    settings->prefix = mem_copy_string(sql.data);
    termPQExpBuffer(&sql);
    return settings->prefix;
}

void
db_settings_append_isolation(PQExpBuffer text, Db *db, const char *sql)
{
    static const char name[] = "default_transaction_isolation";
    const DbSettings *settings = db->settings;

    if (strncmp(sql, "BEGIN ISOLATION", strlen("BEGIN ISOLATION")) == 0)
        return;
    for (size_t i = 0; i < settings->n_items; i++)
    {
        char *literal = db_quote_literal(db, settings->items[i].value);

        if (strcmp(settings->items[i].name, name) == 0)
            appendPQExpBuffer(text, "SET LOCAL transaction_isolation = %s;\n", literal);
        PQfreemem(literal);
    }
}
