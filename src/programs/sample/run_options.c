#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/copytext.h"
#include "base/mem.h"
#include "db/row.h"
#include "programs/sample/run_internal.h"

static const char *const order_names[] = {[PICK_FIRST] = "first",
                                          [PICK_NEWEST] = "newest",
                                          [PICK_OLDEST] = "oldest",
                                          [PICK_RANDOM] = "random",
                                          [PICK_STABLE] = "stable"};

enum
{
    N_ORDERS = sizeof(order_names) / sizeof(order_names[0]),
    N_LISTS = 13
};

/* The lists of options, and what they are called in the manifest. */
static StringList *
get_list(Options *options, int i, const char **name)
{
    const struct
    {
        const char *name;
        StringList *list;
    } lists[N_LISTS] = {{"limit", &options->limits},
                        {"root", &options->subset.roots},
                        {"root-file", &options->subset.root_files},
                        {"children", &options->subset.children},
                        {"where-column", &options->subset.where_columns},
                        {"reference", &options->subset.references},
                        {"ignore-fk", &options->subset.ignored},
                        {"mask", &options->mask.rules},
                        {"schema", &options->schemas},
                        {"exclude-schema", &options->exclude_schemas},
                        {"table", &options->tables},
                        {"exclude-table", &options->exclude_tables},
                        {"exclude-table-data", &options->exclude_table_data}};

    *name = lists[i].name;
    return lists[i].list;
}

static void
append_array(PQExpBuffer sql, const char *name, const char *const *items, size_t n)
{
    appendPQExpBufferStr(sql, sql->data[sql->len - 1] == '(' ? "" : ", ");
    copytext_append_string(sql, name, strlen(name));
    appendPQExpBufferStr(sql, ", ARRAY[");
    for (size_t i = 0; i < n; i++)
    {
        appendPQExpBufferStr(sql, i == 0 ? "" : ", ");
        copytext_append_string(sql, items[i], strlen(items[i]));
    }
    appendPQExpBufferStr(sql, "]::pg_catalog.text[]");
}

static void
append_json_number(PQExpBuffer sql, const char *name, int number)
{
    char text[32];
    const char *item = text;

    snprintf(text, sizeof(text), "%d", number);
    append_array(sql, name, &item, 1);
}

const char *
run_options_get_schema(const Options *options)
{
    return options->sample_schema != NULL ? options->sample_schema
                                          : OPTIONS_SAMPLE_SCHEMA;
}

char *
run_options_format(const Options *options, uint64_t seed)
{
    Options lists = *options;
    const char *order = order_names[options->order];
    char number[32];
    const char *seed_text = number;
    PQExpBufferData sql;

    initPQExpBuffer(&sql);
    appendPQExpBufferStr(&sql, "pg_catalog.jsonb_build_object(");
    for (int i = 0; i < N_LISTS; i++)
    {
        const char *name;
        const StringList *list = get_list(&lists, i, &name);

        append_array(&sql, name, list->items, list->n_items);
    }
    append_array(&sql, "order", &order, 1);
    snprintf(number, sizeof(number), "%" PRIu64, seed);
    append_array(&sql, "seed", &seed_text, 1);
    append_json_number(&sql, "depth", options->subset.depth);
    append_json_number(&sql, "lookup-rows", options->subset.lookup_rows);
    append_json_number(&sql, "nulls-cut", options->subset.nulls_cut);
    append_json_number(&sql, "mask-labels", options->mask.labels);
    append_json_number(&sql, "mask-required", (int)options->mask.required);
    if (options->mask.fingerprint != NULL)
        append_array(&sql, "mask-key", &options->mask.fingerprint, 1);
    appendPQExpBufferChar(&sql, ')');
    return sql.data;
}

static void
append_item(StringList *list, Arena *arena, const char *text)
{
    const char **items = arena_alloc(arena, (list->n_items + 1) * sizeof(*items));

    if (list->n_items > 0)
        memcpy(items, list->items, list->n_items * sizeof(*items));
    items[list->n_items++] = arena_copy_string(arena, text);
    list->items = items;
}

static void
read_mask_item(Options *options, Arena *arena, const char *name, const char *text)
{
    if (strcmp(name, "mask-labels") == 0)
        options->mask.labels = strcmp(text, "0") != 0;
    if (strcmp(name, "mask-required") == 0)
        options->mask.required = (MaskRequirement)strtol(text, NULL, 10);
    if (strcmp(name, "mask-key") == 0)
        options->mask.fingerprint = arena_copy_string(arena, text);
}

static void
read_item(Options *options, Arena *arena, const char *name, const char *text)
{
    for (int i = 0; i < N_LISTS; i++)
    {
        const char *list_name;
        StringList *list = get_list(options, i, &list_name);

        if (strcmp(list_name, name) == 0)
            append_item(list, arena, text);
    }
    for (int i = 0; i < N_ORDERS; i++)
    {
        if (strcmp(name, "order") == 0 && strcmp(order_names[i], text) == 0)
            options->order = (PickOrder)i;
    }
    if (strcmp(name, "seed") == 0)
        options->seed = strtoull(text, NULL, 10);
    if (strcmp(name, "depth") == 0)
        options->subset.depth = (int)strtol(text, NULL, 10);
    if (strcmp(name, "lookup-rows") == 0)
        options->subset.lookup_rows = (int)strtol(text, NULL, 10);
    if (strcmp(name, "nulls-cut") == 0)
        options->subset.nulls_cut = strcmp(text, "0") != 0;
    read_mask_item(options, arena, name, text);
}

void
run_options_read(Options *options, Arena *arena, Db *db, const char *qschema)
{
    char *sql = mem_format(
        "SELECT o.key, i.value\n"
        "  FROM %s.manifest_run AS r\n"
        "       CROSS JOIN LATERAL pg_catalog.jsonb_each(r.options) AS o\n"
        "       CROSS JOIN LATERAL pg_catalog.jsonb_array_elements_text(o.value)\n"
        "         WITH ORDINALITY AS i (value, place)\n"
        " ORDER BY o.key, i.place",
        qschema);
    PGresult *result = db_query(db, sql);
    RowReader row = row_reader(result);

    while (row_next(&row))
    {
        const char *name = row_text(&row);

        read_item(options, arena, name, row_text(&row));
    }
    options->has_seed = true;
    PQclear(result);
    free(sql);
}
