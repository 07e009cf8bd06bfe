#include "model/misread.h"

#include "base/arena.h"
#include "base/log.h"
#include "base/plural.h"
#include "base/strbuf.h"
#include "db/db.h"
#include "db/row.h"
#include "db/sql_text.h"

#define HINT                                                                             \
    "The fault is in the pruning of range partitions, which this run does without for "  \
    "these tables. Releases 14.25, 15.20, 16.16, 17.12 and 18.7 correct it; until the "  \
    "server is updated, other queries and foreign keys can miss rows, too."

enum
{
    MAX_NAMES = 10 /* in the warning */
};

static void
add(Misread *misread, const Catalog *catalog, int relation)
{
    size_t size = (size_t)catalog->n_relations * sizeof(bool);

    if (misread->tables == NULL)
    {
        misread->tables = arena_alloc(catalog->arena, size);
        misread->met = arena_alloc(catalog->arena, size);
    }
    if (relation >= 0)
        misread->tables[relation] = true;
}

static void
read_found(Misread *misread, const Catalog *catalog, const PGresult *result,
           MisreadScope scope)
{
    RowReader row = row_reader(result);

    while (row_next(&row))
    {
        int relation = catalog_find_relation(catalog, row_oid(&row));
        const char *qname = row_text(&row);
        bool is_by_bounds = row_bool(&row);
        bool has_rows_at_stake = row_bool(&row);

        if (scope != MISREAD_WRITES && !has_rows_at_stake)
            continue;
        if (is_by_bounds || scope == MISREAD_WRITES)
            db_pruning_distrust(qname);
        else if (scope == MISREAD_OWN_SQL)
            continue;
        db_pruning_distrust_user();
        add(misread, catalog, relation);
    }
}

void
misread_find(Misread *misread, Db *db, const Catalog *catalog, MisreadScope scope)
{
    PGresult *result;

    db_pruning_trust_all();
    *misread = (Misread){0};
    if (catalog->n_partitions == 0)
        return;
    db_set_context(db, "could not find tables that the server misreads");
    result = db_query(db, sql_misread_tables);
    db_set_context(db, NULL);
    read_found(misread, catalog, result, scope);
    PQclear(result);
}

bool
misread_meet(Misread *misread, int relation)
{
    if (misread->tables == NULL || !misread->tables[relation])
        return false;
    misread->met[relation] = true;
    return true;
}

void
misread_warn(const Misread *misread, const Db *db, const Catalog *catalog)
{
    PQExpBufferData names;
    int n = 0;

    initPQExpBuffer(&names);
    for (int i = 0; misread->met != NULL && i < catalog->n_relations; i++)
    {
        if (misread->met[i] && ++n <= MAX_NAMES)
            appendPQExpBuffer(&names, "%s%s", n > 1 ? ", " : "",
                              catalog->relations[i].qname);
    }
    if (n > MAX_NAMES)
        appendPQExpBuffer(&names, " and %d more", n - MAX_NAMES);
    if (n > 0)
        log_warning_hint(HINT, "server version %s can miss rows of table%s %s",
                         db_server_version_text(db), plural(n), names.data);
    termPQExpBuffer(&names);
}
