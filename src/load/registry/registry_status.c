#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/die.h"
#include "base/display.h"
#include "db/db.h"
#include "db/sql_text.h"
#include "load/load_session.h"
#include "load/registry/registry_internal.h"

enum
{
    MAX_COLUMNS = 8
};

RegistryRow
registry_status_read_row(RowReader *reader)
{
    RegistryRow row;

    row.name = row_text(reader);
    row.qname = row_text(reader);
    row.target = row_text(reader);
    row.what = row_text(reader);
    row.run = row_text(reader);
    row.is_kept = strcmp(row_text(reader), "kept") == 0;
    row.lock = row_int(reader);
    row.n_rows = row_int64(reader);
    row.origin = row_text(reader);
    row.mark = row_text(reader);
    row.size = row_text(reader);
    row.is_empty = row_bool(reader);
    row.age = row_text(reader);
    row.is_live = row_bool(reader);
    row.is_old = row_bool(reader);
    return row;
}

void
registry_status_prepare(Db *db)
{
    db_session_set(db, (const char *const[]){"search_path", "", "client_min_messages",
                                             "warning", "default_transaction_read_only",
                                             "off", "lock_timeout", "10s", NULL});
    load_session_show(db, "clean");
}

PGresult *
registry_status_list(Db *db, const char *schema_name, const char *older_than)
{
    const char *values[] = {schema_name, older_than};
    Diag diag = {0};

    if (registry_trust(db, schema_name, "{}", NULL, &diag) == TRUST_FOREIGN)
        die(EXIT_SERVER, &diag);
    return db_query_params(db, sql_load_tables, 2, values);
}

static const char *
name_state(const RegistryRow *row)
{
    if (row->is_live)
        return "alive";
    if (row->n_rows > 0 && row->is_empty)
        return "emptied by a crash";
    if (row->is_kept)
        return row->what != NULL && strcmp(row->what, "staging") == 0 ? "staged" : "kept";
    return "dead";
}

/* ---- tables of text */

/* In characters, if it is UTF-8. */
static size_t
count_characters(const char *text)
{
    size_t n = 0;

    for (; *text != '\0'; text++)
        n += ((unsigned char)*text & 0xC0) != 0x80 ? 1 : 0;
    return n;
}

/* The widest cell of a column. */
static size_t
measure_column(const char *const *cells, const char *title, size_t n_rows,
               size_t n_columns)
{
    size_t width = count_characters(title);

    for (size_t i = 0; i < n_rows; i++)
    {
        size_t length = count_characters(cells[i * n_columns]);

        width = length > width ? length : width;
    }
    return width;
}

static void
print_cells(const char *const *cells, const size_t *widths, size_t n_columns)
{
    for (size_t i = 0; i + 1 < n_columns; i++)
        display(stdout, "%s%*s", cells[i],
                (int)(widths[i] - count_characters(cells[i]) + 2), "");
    display(stdout, "%s\n", cells[n_columns - 1]);
}

/* Escaped before the widths of the columns are computed. */
static const char *
escape(const char *text, Arena *arena)
{
    char *escaped = display_escape(text, NULL);
    const char *copy = arena_copy_string(arena, escaped);

    free(escaped);
    return copy;
}

static void
print_text_table(const char *const *titles, size_t n_columns, const char **cells,
                 size_t n_rows, Arena *arena)
{
    size_t widths[MAX_COLUMNS];

    for (size_t i = 0; i < n_rows * n_columns; i++)
        cells[i] = escape(cells[i], arena);
    for (size_t i = 0; i < n_columns; i++)
        widths[i] = measure_column(cells + i, titles[i], n_rows, n_columns);
    print_cells(titles, widths, n_columns);
    for (size_t i = 0; i < n_rows; i++)
        print_cells(cells + i * n_columns, widths, n_columns);
}

static void
print_tables(Db *db, const char *schema_name, Arena *arena)
{
    static const char *const titles[] = {"table", "target", "run", "state",
                                         "rows",  "size",   "age"};
    const size_t n_columns = sizeof(titles) / sizeof(titles[0]);
    PGresult *result = registry_status_list(db, schema_name, NULL);
    RowReader reader = row_reader(result);
    const char **cells =
        arena_alloc(arena, (size_t)PQntuples(result) * n_columns * sizeof(*cells));
    const char **cell = cells;

    while (row_next(&reader))
    {
        RegistryRow row = registry_status_read_row(&reader);
        char n_rows[24];

        snprintf(n_rows, sizeof(n_rows), "%lld", (long long)row.n_rows);
        *cell++ = row.name;
        *cell++ = row.target != NULL ? row.target : "?";
        *cell++ = row.run != NULL ? row.run : "?";
        *cell++ = name_state(&row);
        *cell++ = arena_copy_string(arena, n_rows);
        *cell++ = row.size != NULL ? row.size : "";
        *cell++ = row.age != NULL ? row.age : "";
    }
    if (cell == cells)
        display(stdout, "no staging tables\n");
    else
        print_text_table(titles, n_columns, cells, (size_t)PQntuples(result), arena);
    PQclear(result);
}

static void
print_batches(Db *db, const char *schema_name, const char *batch_id, Arena *arena)
{
    static const char *const titles[] = {"batch",   "table",   "state",      "fragments",
                                         "records", "changed", "approved by"};
    const size_t n_columns = sizeof(titles) / sizeof(titles[0]);
    PGresult *result = registry_batches_list(db, schema_name, batch_id);
    size_t n_rows = result != NULL ? (size_t)PQntuples(result) : 0;
    const char **cells = arena_alloc(arena, n_rows * n_columns * sizeof(*cells));

    for (size_t i = 0; i < n_rows * n_columns; i++)
        cells[i] = PQgetvalue(result, (int)(i / n_columns), (int)(i % n_columns));
    if (n_rows > 0)
    {
        display(stdout, "\n");
        print_text_table(titles, n_columns, cells, n_rows, arena);
    }
    else if (batch_id != NULL)
        display(stdout, "\nnothing is known of batch %s\n", batch_id);
    PQclear(result);
}

static void
print_undo(Db *db, const char *schema_name, const char *batch_id, Arena *arena)
{
    static const char *const titles[] = {"batch", "run",  "table", "undo",
                                         "rows",  "size", "age",   "types in use"};
    const size_t n_columns = sizeof(titles) / sizeof(titles[0]);
    PGresult *result = registry_undo_list(db, schema_name, batch_id);
    size_t n_rows = result != NULL ? (size_t)PQntuples(result) : 0;
    const char **cells = arena_alloc(arena, n_rows * n_columns * sizeof(*cells));

    for (size_t i = 0; i < n_rows * n_columns; i++)
        cells[i] = PQgetvalue(result, (int)(i / n_columns), (int)(i % n_columns));
    if (n_rows > 0)
    {
        display(stdout, "\n");
        print_text_table(titles, n_columns, cells, n_rows, arena);
    }
    PQclear(result);
}

/* Of tables that have masked rows. */
static void
print_marks(Db *db, const char *schema_name, Arena *arena)
{
    static const char *const titles[] = {"table", "masked with", "loaded"};
    const size_t n_columns = sizeof(titles) / sizeof(titles[0]);
    PGresult *result = marks_list(db, schema_name);
    int n_known = result != NULL ? PQntuples(result) : 0;
    const char **cells = arena_alloc(arena, (size_t)n_known * n_columns * sizeof(*cells));
    size_t n_rows = 0;

    for (int i = 0; i < n_known; i++)
    {
        if (strstr(PQgetvalue(result, i, 1), "key ") == NULL)
            continue;
        for (int j = 0; j < (int)n_columns; j++)
            cells[n_rows * n_columns + (size_t)j] = PQgetvalue(result, i, j);
        n_rows++;
    }
    if (n_rows > 0)
    {
        display(stdout, "\n");
        print_text_table(titles, n_columns, cells, n_rows, arena);
    }
    PQclear(result);
}

static void
print_sessions(Db *db, Arena *arena)
{
    static const char *const titles[] = {"pid",         "session", "state",
                                         "transaction", "waits",   "query"};
    const size_t n_columns = sizeof(titles) / sizeof(titles[0]);
    PGresult *result = db_query(db, sql_load_sessions);
    RowReader reader = row_reader(result);
    const char **cells =
        arena_alloc(arena, (size_t)PQntuples(result) * n_columns * sizeof(*cells));
    const char **cell = cells;

    while (row_next(&reader))
    {
        for (size_t i = 0; i < n_columns; i++)
            *cell++ = row_text(&reader);
    }
    if (cell > cells)
    {
        display(stdout, "\n");
        print_text_table(titles, n_columns, cells, (size_t)PQntuples(result), arena);
    }
    PQclear(result);
}

void
registry_status_print(Db *db, const char *schema_name, const char *batch_id)
{
    Arena *arena = arena_new();

    registry_status_prepare(db);
    print_tables(db, schema_name, arena);
    print_batches(db, schema_name, batch_id, arena);
    print_undo(db, schema_name, batch_id, arena);
    print_marks(db, schema_name, arena);
    print_sessions(db, arena);
    arena_free(arena);
    if (fflush(stdout) != 0 || ferror(stdout))
        die_errno(EXIT_OUTPUT, "could not write to standard output");
}
